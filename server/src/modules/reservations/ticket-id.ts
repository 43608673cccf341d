import { hash } from "node:crypto";
import type { Id } from "#platform/id.ts";

/**
 * The id of a ticket, from what it is the ticket of: its reservation, the ledger entry that issued
 * it, and its place among that entry's tickets, from 1. The database computes the same
 * (sql/ticket_id.sql), so ids need not travel.
 */
export function ticketId(reservationId: Id<"rsv">, version: number, ordinal: number): Id<"tkt"> {
  const digest = hash("sha256", `${reservationId}/${version}/${ordinal}`, "hex");
  return `${reservationId.slice(0, 19)}a${digest.slice(0, 3)}-${digest.slice(3, 15)}` as Id<"tkt">;
}
