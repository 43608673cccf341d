import type { EventFacts } from "#modules/catalog/index.ts";
import { tooManyCredentials } from "#modules/organizers/index.ts";
import type { Clock } from "#platform/clock.ts";
import type { Transaction } from "#platform/database/database.ts";
import { Problem } from "#platform/http/problem.ts";
import type { Sealing } from "#platform/tokens/sealing.ts";
import { GOOD_KEYS_MAX, type KeyOwner, NUMBERS, ownerOf } from "./signing-key.ts";
import {
  countKeys,
  forgetRevokedKeys,
  lockKeysOf,
  retireActiveKey,
  revokeRetiredKeys,
} from "./signing-key-store.ts";
import { replaceActiveKey } from "./signing-keys.ts";

/** Revoked keys that are still told of. */
const REVOKED_KEYS_KEPT_MAX = 100;

/**
 * Codes of the event, and of all events of its organizer, are signed with a new key from now on. What earlier keys signed stays good, unless `revoke`
 * says otherwise: then every code from before is void, and holders find new ones at their reservations.
 *
 * @throws `too_many_credentials` where nothing was revoked for long, or no number is left.
 */
export async function rotateTicketKeys(
  context: { readonly clock: Clock; readonly sealing: Sealing },
  transaction: Transaction,
  event: EventFacts,
  { revoke }: { readonly revoke: boolean },
): Promise<void> {
  const owner = ownerOf(event);
  // What was signed before the event was claimed.
  const own: KeyOwner = { kind: "event", id: event.eventId };
  if (owner.kind === "organizer" && revoke) await revokeAll(context.clock, transaction, own);
  await lockKeysOf(transaction, owner);
  const { last, good } = await countKeys(transaction, owner);
  if (last === NUMBERS[owner.kind].last) {
    throw refusal("There were as many ticket keys as codes can name. No other can be made.");
  }
  if (!revoke && good >= GOOD_KEYS_MAX) {
    throw refusal(
      `At most ${GOOD_KEYS_MAX} ticket keys are good at the same time. Rotate with revoke, which voids the codes of all earlier ones.`,
    );
  }
  await replaceActiveKey(context, transaction, owner, last);
  if (!revoke) return;
  await revokeRetiredKeys(transaction, context.clock, owner);
  await forgetRevokedKeys(transaction, owner, REVOKED_KEYS_KEPT_MAX);
}

async function revokeAll(clock: Clock, transaction: Transaction, owner: KeyOwner): Promise<void> {
  await lockKeysOf(transaction, owner);
  await retireActiveKey(transaction, clock, owner);
  await revokeRetiredKeys(transaction, clock, owner);
}

function refusal(message: string): Problem {
  return new Problem(tooManyCredentials, message, {
    reasons: [{ code: tooManyCredentials.code, message, max: GOOD_KEYS_MAX }],
  });
}
