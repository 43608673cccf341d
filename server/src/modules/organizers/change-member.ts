import type { Transaction } from "#platform/database/database.ts";
import { notFound, Problem, problemType } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import {
  deleteMember,
  lockMember,
  lockOrganizer,
  type MemberRow,
  saveOwner,
  saveRole,
} from "./organizer-store.ts";
import type { GivenRole } from "./roles.ts";

// What may become of a member. The organizer is locked first, so that two changes of one organizer come one after the
// other, and always in the same order.

export const ownerStays = problemType({
  code: "owner_stays",
  status: 409,
  title: "An organizer always has an owner",
});

interface Membership {
  readonly organizerId: Id<"org">;
  readonly userId: Id<"usr">;
}

/** Gives a member another role. @throws `not_found`, `owner_stays` */
export async function changeMember(
  transaction: Transaction,
  { organizerId, userId, role }: Membership & { readonly role: GivenRole },
): Promise<MemberRow> {
  const member = await lockOther(transaction, { organizerId, userId });
  await saveRole(transaction, organizerId, userId, role);
  return { ...member, role };
}

/** Takes a member out; what they made stays. @throws `not_found`, `owner_stays` */
export async function removeMember(
  transaction: Transaction,
  { organizerId, userId }: Membership,
): Promise<void> {
  await lockOther(transaction, { organizerId, userId });
  await deleteMember(transaction, organizerId, userId);
}

/** Makes another member the owner; who was it is a manager then. @throws `not_found` */
export async function transferOrganizer(
  transaction: Transaction,
  { organizerId, userId }: Membership,
): Promise<MemberRow> {
  const member = await lockOfOrganizer(transaction, { organizerId, userId });
  if (member.role !== "owner") await saveOwner(transaction, organizerId, userId);
  return { ...member, role: "owner" };
}

async function lockOther(transaction: Transaction, membership: Membership): Promise<MemberRow> {
  const member = await lockOfOrganizer(transaction, membership);
  if (member.role !== "owner") return member;
  const message = "This is the owner. Hand the organizer over to another member first.";
  throw new Problem(ownerStays, message, { reasons: [{ code: ownerStays.code, message }] });
}

async function lockOfOrganizer(
  transaction: Transaction,
  { organizerId, userId }: Membership,
): Promise<MemberRow> {
  await lockOrganizer(transaction, organizerId);
  const member = await lockMember(transaction, organizerId, userId);
  if (member === null) throw new Problem(notFound, "This organizer has no such member.");
  return member;
}
