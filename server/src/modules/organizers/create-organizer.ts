import type { Clock } from "#platform/clock.ts";
import type { Transaction } from "#platform/database/database.ts";
import { within } from "#platform/database/reach.ts";
import { Problem, problemType } from "#platform/http/problem.ts";
import { type Id, newId } from "#platform/id.ts";
import { countMemberships, insertOrganizer, type OrganizerRow } from "./organizer-store.ts";

/** So many organizers somebody can be in: what they may do is looked at with each of their requests. */
export const ORGANIZERS_PER_USER_MAX = 100;

export const tooManyOrganizers = problemType({
  code: "too_many_organizers",
  status: 409,
  title: "You are in as many organizers as one can be",
});

/** Makes an organizer that the user owns. @throws `too_many_organizers` */
export async function createOrganizer(
  clock: Clock,
  transaction: Transaction,
  organizer: { readonly name: string; readonly ownerId: Id<"usr"> },
): Promise<OrganizerRow> {
  await refuseTooMany(transaction, organizer.ownerId);
  const organizerId = newId<"org">(clock);
  return within(transaction, { organizers: [organizerId], events: [] }, () =>
    insertOrganizer(transaction, clock, { ...organizer, organizerId }),
  );
}

/** @throws `too_many_organizers` */
export async function refuseTooMany(transaction: Transaction, userId: Id<"usr">): Promise<void> {
  if ((await countMemberships(transaction, userId)) < ORGANIZERS_PER_USER_MAX) return;
  const message = `One user is in at most ${ORGANIZERS_PER_USER_MAX} organizers. Leave one first.`;
  throw new Problem(tooManyOrganizers, message, {
    reasons: [{ code: tooManyOrganizers.code, message, max: ORGANIZERS_PER_USER_MAX }],
  });
}
