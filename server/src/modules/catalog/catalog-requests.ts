import { hash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Audit, type AuditedAct, noSuchEvent, reachOf } from "#modules/organizers/index.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database, Transaction } from "#platform/database/database.ts";
import { type Reach, within } from "#platform/database/reach.ts";
import { callerOf, principalOf } from "#platform/http/authentication.ts";
import { matchesEtag } from "#platform/http/etag.ts";
import { answerOnce } from "#platform/http/idempotency.ts";
import { idParam } from "#platform/http/ids.ts";
import type { Id } from "#platform/id.ts";
import { acceptedLanguages } from "#platform/text.ts";
import { languageFor, type Reader } from "./catalog-views.ts";
import type { EditContext, Editor } from "./edit-event.ts";
import type { CatalogEvent } from "./event.ts";
import type { EventReader } from "./read-event.ts";
import { isManager } from "./refuse-unseen.ts";
import type { Availability, SalesPort } from "./sales-port.ts";

// What every route of the catalogue needs: who reads or edits, in which language, and what follows an edit.

export interface CatalogRoutesContext extends EditContext {
  readonly database: Database;
  readonly clock: Clock;
  readonly sales: SalesPort;
  readonly audit: Audit;
  readonly publicUrl: string;
  readonly events: EventReader;
  /** Drops what this process keeps of an event. */
  forget(event: CatalogEvent["eventId"]): void;
  /** Tells everybody that an event was edited. */
  announce(event: CatalogEvent): Promise<void>;
}

/** What there is where nobody has sold anything yet. */
export const NOTHING_TAKEN: Availability = { version: "", pool: () => undefined };

/** Who reads an event, and in which language. Says in the reply what the answer depends on. */
export function readerOf(
  context: Pick<CatalogRoutesContext, "publicUrl">,
  request: FastifyRequest,
  reply: FastifyReply,
  event: CatalogEvent,
): Reader {
  const reader = {
    languages: acceptedLanguages(request.headers["accept-language"]),
    isManager: isManager(principalOf(request), event),
    publicUrl: context.publicUrl,
  };
  reply
    .header("content-language", languageFor(event, reader))
    .header("vary", "accept-language, authorization, cookie")
    .header("cache-control", reader.isManager ? "private, no-cache" : "no-cache");
  return reader;
}

/** Tags the answer by all that it is made of; true when the reader has it already. */
export function isUnchanged(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: { readonly event: CatalogEvent; readonly reader: Reader; readonly version: string },
): boolean {
  const { event, reader, version } = parts;
  const viewer = hash("sha256", `${reader.isManager} ${reader.languages.join()}`, "base64url");
  const tag = `"${event.revision.toString(36)}-${viewer.slice(0, 8)}-${version}"`;
  reply.header("etag", tag);
  if (!matchesEtag(request, tag)) return false;
  reply.code(304);
  return true;
}

/** The manager who edits the event that the path names. */
export async function editorOf(
  context: CatalogRoutesContext,
  request: FastifyRequest<{ Params: { id: string } }>,
): Promise<Editor> {
  const caller = callerOf(request);
  const eventId = idParam("evt", request.params.id);
  await context.events.authorize(caller, eventId);
  return { caller, eventId };
}

/** The manager who edits a slot or a ticket type: of the event that it is of. */
export async function editorOfPart(
  context: CatalogRoutesContext,
  request: FastifyRequest,
  findEvent: () => Promise<Id<"evt"> | null>,
): Promise<Editor> {
  const caller = callerOf(request);
  const eventId = await findEvent();
  if (eventId === null) throw noSuchEvent();
  await context.events.authorize(caller, eventId);
  return { caller, eventId };
}

/** What is left before an edit; its answer is made of that, in its transaction. */
export function availabilityBefore(
  context: CatalogRoutesContext,
  { eventId }: Editor,
): Promise<Availability> {
  return context.sales.availabilityOf(eventId);
}

/**
 * Does an edit once, answers it, and lets everybody know after its commit. A repeat gets the first
 * answer and edits nothing. The edit and its note reach what the editor may write, and nothing else.
 */
export async function answerEdit<Body, Sealed = Body>(
  context: CatalogRoutesContext,
  request: FastifyRequest,
  reply: FastifyReply,
  edit: {
    readonly status: 200 | 201 | 204;
    /** Left out: as far as the editor's own goes. */
    readonly reach?: Reach;
    readonly work: (transaction: Transaction) => Promise<{ event: CatalogEvent; body: Body }>;
    readonly seal?: (body: Body) => Sealed;
    readonly unseal?: (sealed: Sealed) => Body;
  },
): Promise<Body> {
  const { status, reach = reachOf(callerOf(request)), work, ...sealing } = edit;
  const edited: CatalogEvent[] = [];
  try {
    const body = await answerOnce(context, request, reply, {
      ...sealing,
      work: (transaction) =>
        within(transaction, reach, async () => {
          const { event, body } = await work(transaction);
          edited.push(event);
          await context.audit.note(transaction, actOf(request, event, body));
          return { status, body };
        }),
    });
    for (const event of edited) await context.announce(event);
    return body;
  } finally {
    // Also when the commit was not heard of: it may have happened.
    for (const { eventId } of edited) context.forget(eventId);
  }
}

/** What was done, as the record of who did what has it: to what the path names, or to what was made. */
function actOf(request: FastifyRequest, event: CatalogEvent, body: unknown): AuditedAct {
  const principal = principalOf(request);
  const { id: named } = request.params as { id?: string };
  const { id: made } = (body ?? {}) as { id?: string };
  const { operationId } = request.routeOptions.schema as { operationId: string };
  return {
    // Who edits or opens an event without being somebody is known by the event's token.
    principal:
      principal.kind === "user" || principal.kind === "key"
        ? principal
        : { kind: "event", eventId: event.eventId, generation: event.tokenGeneration },
    action: operationId,
    organizerId: event.organizerId,
    eventId: event.eventId,
    subject: named ?? made ?? null,
  };
}
