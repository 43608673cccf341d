import { hash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "#platform/clock.ts";
import type { Database, Transaction } from "#platform/database/database.ts";
import { principalOf } from "#platform/http/authentication.ts";
import { matchesEtag } from "#platform/http/etag.ts";
import { answerOnce } from "#platform/http/idempotency.ts";
import { idParam } from "#platform/http/ids.ts";
import { acceptedLanguages } from "#platform/text.ts";
import { isManager } from "./authorize-manager.ts";
import { languageFor, type Reader } from "./catalog-views.ts";
import type { EditContext, Editor } from "./edit-event.ts";
import type { CatalogEvent } from "./event.ts";
import type { EventReader } from "./read-event.ts";
import type { Availability, SalesPort } from "./sales-port.ts";

// What every route of the catalogue needs: who reads or edits, in which language, and what follows an edit.

export interface CatalogRoutesContext extends EditContext {
  readonly database: Database;
  readonly clock: Clock;
  readonly sales: SalesPort;
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
    .header("vary", "accept-language, authorization")
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
  const principal = principalOf(request);
  const eventId = idParam("evt", request.params.id);
  await context.events.authorizeManager(principal, eventId);
  return { principal, eventId };
}

/** The manager who edits something of the event that their token is for. */
export async function editorByToken(
  context: CatalogRoutesContext,
  request: FastifyRequest,
): Promise<Editor> {
  const principal = principalOf(request);
  const eventId = principal.kind === "event" ? principal.eventId : NO_EVENT;
  await context.events.authorizeManager(principal, eventId);
  return { principal, eventId };
}

const NO_EVENT = "" as CatalogEvent["eventId"];

/** What is left before an edit; its answer is made of that, in its transaction. */
export function availabilityBefore(
  context: CatalogRoutesContext,
  { eventId }: Editor,
): Promise<Availability> {
  return context.sales.availabilityOf(eventId);
}

/**
 * Does an edit once, answers it, and lets everybody know after its commit. A repeat gets the first
 * answer and edits nothing.
 */
export async function answerEdit<Body, Sealed = Body>(
  context: CatalogRoutesContext,
  request: FastifyRequest,
  reply: FastifyReply,
  edit: {
    readonly status: 200 | 201 | 204;
    readonly work: (transaction: Transaction) => Promise<{ event: CatalogEvent; body: Body }>;
    readonly seal?: (body: Body) => Sealed;
    readonly unseal?: (sealed: Sealed) => Body;
  },
): Promise<Body> {
  const { status, work, ...sealing } = edit;
  const edited: CatalogEvent[] = [];
  try {
    const body = await answerOnce(context, request, reply, {
      ...sealing,
      work: async (transaction) => {
        const { event, body } = await work(transaction);
        edited.push(event);
        return { status, body };
      },
    });
    for (const event of edited) await context.announce(event);
    return body;
  } finally {
    // Also when the commit was not heard of: it may have happened.
    for (const { eventId } of edited) context.forget(eventId);
  }
}
