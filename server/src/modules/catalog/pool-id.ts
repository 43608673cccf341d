import { hash } from "node:crypto";
import { bytesOfUuid, type Id, uuidFromBytes } from "#platform/id.ts";

/**
 * The pool of a ticket type within one slot: made of both ids, so that nobody has to look it up. A UUIDv8.
 * (A slot's own pool has the slot's id, a ticket type's pool over all slots the type's.)
 */
export function poolIdOf(slotId: Id<"slt">, ticketTypeId: Id<"tty">): string {
  const digest = hash(
    "sha256",
    Buffer.concat([bytesOfUuid(slotId), bytesOfUuid(ticketTypeId)]),
    "buffer",
  );
  digest[6] = 0x80 | ((digest[6] as number) & 0x0f);
  digest[8] = 0x80 | ((digest[8] as number) & 0x3f);
  return uuidFromBytes(digest);
}
