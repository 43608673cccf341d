import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "#platform/clock.ts";
import type { Database, Queryable, Transaction } from "#platform/database/database.ts";
import { within } from "#platform/database/reach.ts";
import { type Caller, callerOf, principalOf } from "#platform/http/authentication.ts";
import { answerOnce } from "#platform/http/idempotency.ts";
import { idParam } from "#platform/http/ids.ts";
import type { Id } from "#platform/id.ts";
import type { MailOutbox } from "#platform/mail/mail-outbox.ts";
import type { Audit } from "./audit.ts";
import { decideOnOrganizer } from "./decide.ts";
import type { Memberships } from "./memberships.ts";
import { reachOf } from "./reach-of.ts";

// What every route of an organizer needs: who asks, and what follows a change.

/** What the operations of this module work with. */
export interface OrganizersContext {
  readonly database: Database;
  readonly clock: Clock;
  readonly memberships: Memberships;
  readonly audit: Audit;
  readonly outbox: MailOutbox;
  /** Where people reach this server; without a slash at the end. */
  readonly publicUrl: string;
  readonly users: UsersPort;
}

/** What this module asks of accounts. */
export interface UsersPort {
  /** The names of users; those that are gone have none. */
  namesOf(
    queryable: Queryable,
    userIds: readonly Id<"usr">[],
  ): Promise<ReadonlyMap<Id<"usr">, string>>;
}

/** The organizer that the path names, if the caller may do to it what their route needs. */
export function organizerOf(request: FastifyRequest<{ Params: { id: string } }>): {
  readonly organizerId: Id<"org">;
  readonly caller: Caller;
} {
  const caller = callerOf(request);
  const organizerId = idParam("org", request.params.id);
  decideOnOrganizer(caller, organizerId);
  return { organizerId, caller };
}

/** A change of an organizer, and what is told about it. */
export interface OrganizerEdit<Body> {
  readonly organizerId: Id<"org">;
  readonly body: Body;
  /** Whose rights changed. */
  readonly changed?: readonly Id<"usr">[];
  readonly subject?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What is done in a transaction. */
type Work<Result> = (transaction: Transaction) => Promise<Result>;

/** Keeps work to what the caller may do with what their route needs. */
export function withinReach<Result>(request: FastifyRequest, work: Work<Result>): Work<Result> {
  return (transaction) => within(transaction, reachOf(callerOf(request)), () => work(transaction));
}

/**
 * Does a change once, notes it in the record of who did what, answers it, and lets everybody know
 * after its commit whose rights changed. A repeat gets the first answer and changes nothing. The work
 * keeps itself within reach.
 */
export async function answerOrganizerEdit<Body>(
  context: OrganizersContext,
  request: FastifyRequest,
  reply: FastifyReply,
  status: 200 | 201 | 204,
  work: Work<OrganizerEdit<Body>>,
): Promise<Body> {
  const changed = new Set<Id<"usr">>();
  const { operationId } = request.routeOptions.schema as { operationId: string };
  try {
    return await answerOnce(context, request, reply, {
      work: async (transaction) => {
        const edit = await work(transaction);
        for (const userId of edit.changed ?? []) changed.add(userId);
        await context.audit.note(transaction, {
          principal: principalOf(request),
          action: operationId,
          organizerId: edit.organizerId,
          eventId: null,
          subject: edit.subject ?? null,
          details: edit.details ?? null,
        });
        return { status, body: edit.body };
      },
    });
  } finally {
    // Also when the commit was not heard of: it may have happened.
    for (const userId of changed) await context.memberships.changed(userId);
  }
}
