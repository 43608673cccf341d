import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { sql } from "kysely";
import { type Static, Type } from "typebox";
import type { EventFacts } from "#modules/catalog/index.ts";
import { type Audit, reachOf } from "#modules/organizers/index.ts";
import { assert } from "#platform/assert.ts";
import type { Clock, EpochMs } from "#platform/clock.ts";
import type { Database, Queryable, Transaction } from "#platform/database/database.ts";
import { inReach, within } from "#platform/database/reach.ts";
import { callerOf, principalOf } from "#platform/http/authentication.ts";
import { answerOnce } from "#platform/http/idempotency.ts";
import { idParam } from "#platform/http/ids.ts";
import { notFound, Problem, problemType } from "#platform/http/problem.ts";
import { component, idSchema, Nullable, OneOf, problems, Rfc3339 } from "#platform/http/schemas.ts";
import { formatId, type Id } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import type { EventsOfTickets } from "./presenter.ts";
import { type Direction, OUTCOMES, type Outcome, REASONS, type Reason } from "./redemption.ts";

export const notAdmitted = problemType({
  code: "not_admitted",
  status: 409,
  title: "Nobody is let in with this ticket",
});

const Params = Type.Object({ id: Type.String() });
/** A ticket is not presented more often than this in earnest: who looks sees the latest. */
const SHOWN_MAX = 500;

const AdmissionsView = component(
  "Admissions",
  Type.Object({
    ticket_id: idSchema("tkt"),
    admitted: Type.Integer({
      description: "How many of its admissions the ticket still has used.",
    }),
    inside: Type.Integer({ description: "How many of those are in." }),
  }),
);

const TicketRedemptions = component(
  "TicketRedemptions",
  Type.Object({
    ticket_id: idSchema("tkt"),
    data: Type.Array(
      Type.Object({
        presented_at: Rfc3339,
        gate: Nullable(Type.String()),
        direction: OneOf(["in", "out"] as const),
        outcome: OneOf(OUTCOMES),
        reason: Nullable(OneOf(REASONS)),
        let_through: Type.Boolean(),
        surplus: Type.Boolean({ description: "It was let in without an admission of the ticket." }),
        undone_at: Nullable(Rfc3339),
      }),
      { description: `The latest first, ${SHOWN_MAX} at most.` },
    ),
  }),
);

export interface TicketRedemptionsContext {
  readonly database: Database;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly events: EventsOfTickets;
  /** Told when what is counted at an event has changed. */
  readonly changed: (eventId: Id<"evt">) => void;
}

/** For managers: where a ticket was presented, and taking an admission back. */
export function ticketRedemptionsRoutes(
  context: TicketRedemptionsContext,
): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/tickets/:id/redemptions",
      {
        config: { requires: ["reservation:read"] },
        schema: {
          operationId: "listRedemptionsOfTicket",
          tags: ["Door"],
          summary: "Where and when a ticket was presented",
          params: Params,
          response: { 200: TicketRedemptions, ...problems(400, 401, 403, 404) },
        },
      },
      async (request) => {
        const { ticketId } = await ticketOf(context, request);
        const rows = await inReach(context.database, reachOf(callerOf(request)), (transaction) =>
          findRedemptions(transaction, ticketId),
        );
        return { ticket_id: formatId("tkt", ticketId), data: rows.map(redemptionOfRow) };
      },
    );
    server.post(
      "/tickets/:id/undo-admission",
      {
        config: { requires: ["reservation:write"] },
        schema: {
          operationId: "undoAdmission",
          tags: ["Door"],
          summary: "Take back the latest admission of a ticket",
          params: Params,
          response: { 200: AdmissionsView, ...problems(400, 401, 403, 404, 409, 422) },
        },
      },
      (request, reply) => undo(context, request, reply),
    );
  };
}

type TicketRequest = FastifyRequest<{ Params: Static<typeof Params> }>;

async function undo(
  context: TicketRedemptionsContext,
  request: TicketRequest,
  reply: FastifyReply,
) {
  const { ticketId, event } = await ticketOf(context, request);
  const { eventId, organizerId } = event;
  const body = await answerOnce(context, request, reply, {
    work: (transaction) =>
      within(transaction, reachOf(callerOf(request)), async () => {
        const { isUndone, admitted, inside } = await undoAdmission(context, transaction, ticketId);
        if (!isUndone) {
          throw new Problem(notAdmitted, "There is no admission of this ticket to take back.");
        }
        const id = formatId("tkt", ticketId);
        await context.audit.note(transaction, {
          principal: principalOf(request),
          action: "undoAdmission",
          organizerId,
          eventId,
          subject: id,
        });
        return { status: 200, body: { ticket_id: id, admitted, inside } };
      }),
  });
  context.changed(eventId);
  return body;
}

async function undoAdmission(
  { clock }: TicketRedemptionsContext,
  transaction: Transaction,
  ticketId: Id<"tkt">,
) {
  const { rows } = await sql<{ is_undone: boolean; admitted: number; inside: number }>`
    select is_undone, admitted, inside
      from admission.undo_admission(${clock.shiftMs}::bigint, ${ticketId}::uuid)
  `.execute(transaction);
  const [row] = rows;
  assert(row !== undefined, "a function with out parameters gives a row");
  return { isUndone: row.is_undone, admitted: row.admitted, inside: row.inside };
}

async function ticketOf(
  { events }: TicketRedemptionsContext,
  request: TicketRequest,
): Promise<{ readonly ticketId: Id<"tkt">; readonly event: EventFacts }> {
  const ticketId = idParam("tkt", request.params.id);
  const eventId = await events.eventOfTicket(ticketId);
  const noSuchTicket = new Problem(notFound, "There is no such ticket here.");
  if (eventId === null) throw noSuchTicket;
  try {
    return { ticketId, event: await events.authorize(callerOf(request), eventId) };
  } catch (error) {
    // Whose event it is, nobody else is told.
    if (error instanceof Problem && error.type === notFound) throw noSuchTicket;
    throw error;
  }
}

interface RedemptionRow {
  readonly presented_at: EpochMs;
  readonly gate: string;
  readonly direction: Direction;
  readonly outcome: Outcome;
  readonly reason: Reason | null;
  readonly is_let_through: boolean;
  readonly is_counted: boolean;
  readonly undone_at: EpochMs | null;
}

async function findRedemptions(
  queryable: Queryable,
  ticketId: Id<"tkt">,
): Promise<readonly RedemptionRow[]> {
  const { rows } = await sql<RedemptionRow>`
    select presented_at, gate, direction, outcome, reason, is_let_through, is_counted, undone_at
      from admission.redemption
     where ticket_id = ${ticketId}
     order by number desc
     limit ${SHOWN_MAX}
  `.execute(queryable);
  return rows;
}

function redemptionOfRow(row: RedemptionRow) {
  const isSurplus =
    row.direction === "in" && row.is_let_through && !row.is_counted && row.undone_at === null;
  return {
    presented_at: toRfc3339(row.presented_at),
    gate: row.gate === "" ? null : row.gate,
    direction: row.direction,
    outcome: row.outcome,
    reason: row.reason,
    let_through: row.is_let_through,
    surplus: isSurplus,
    undone_at: row.undone_at === null ? null : toRfc3339(row.undone_at),
  };
}
