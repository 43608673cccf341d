import type { Transaction } from "#platform/database/database.ts";
import { invalidField, Problem } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import type { CapabilityTokens } from "#platform/tokens/capability.ts";
import { type EditContext, type EditedEvent, takeOver } from "./edit-event.ts";
import { giveToOrganizer, lockEvent } from "./event-store.ts";

/** Which event somebody says is theirs. */
export interface EventClaimed {
  readonly eventId: Id<"evt">;
  /** Of the token they have. */
  readonly generation: number;
}

/** The event that a token is for. @throws `invalid_field` when it is no event's. */
export function eventOfToken(tokens: CapabilityTokens, token: string): EventClaimed {
  const capability = tokens.read(token);
  if (capability?.kind !== "event") throw refuseToken();
  return { eventId: capability.id as Id<"evt">, generation: capability.generation };
}

/**
 * Makes an anonymous event an organizer's, for whoever has its token. From then on members and keys of
 * the organizer manage it and the token is void: who had it before may not be one of them.
 *
 * @throws `invalid_field` for a token that does not manage an anonymous event.
 */
export async function claimEvent(
  { sales }: EditContext,
  transaction: Transaction,
  { eventId, generation, organizerId }: EventClaimed & { readonly organizerId: Id<"org"> },
): Promise<EditedEvent<null>> {
  const before = await lockEvent(transaction, eventId);
  // A claimed event's token has an older generation than the event.
  if (before?.tokenGeneration !== generation) throw refuseToken();
  const event = await giveToOrganizer(transaction, eventId, organizerId);
  await takeOver(sales, transaction, event, { pools: [], closed: [] });
  return { event, result: null };
}

function refuseToken(): Problem {
  const message = "must be the token of an anonymous event, as it was given when it was made";
  return new Problem(invalidField, `/event_token ${message}.`, {
    errors: [{ path: "/event_token", code: "wrong_token", message }],
  });
}
