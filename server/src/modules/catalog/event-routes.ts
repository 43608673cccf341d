import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { isAllowedInOrganizer, reachOf } from "#modules/organizers/index.ts";
import { assert } from "#platform/assert.ts";
import type { Transaction } from "#platform/database/database.ts";
import { principalOf } from "#platform/http/authentication.ts";
import { idParam } from "#platform/http/ids.ts";
import { PageQuery } from "#platform/http/pagination.ts";
import { sendReadyText } from "#platform/http/ready-text.ts";
import { idSchema, NotModified, problems } from "#platform/http/schemas.ts";
import { newId, parseId } from "#platform/id.ts";
import { acceptedLanguages } from "#platform/text.ts";
import type { CapabilityTokens } from "#platform/tokens/capability.ts";
import { cancelEvent } from "./cancel-event.ts";
import {
  answerEdit,
  availabilityBefore,
  type CatalogRoutesContext,
  editorOf,
  isUnchanged,
  NOTHING_TAKEN,
  readerOf,
} from "./catalog-requests.ts";
import {
  type CreatedEventBody,
  CreatedEventView,
  type EventBody,
  EventChange,
  EventPage,
  EventView,
  NewEvent,
  type NewEventBody,
} from "./catalog-schemas.ts";
import { eventView } from "./catalog-views.ts";
import { changeEvent } from "./change-event.ts";
import { type CreateContext, createEvent } from "./create-event.ts";
import type { EditedEvent, Editor } from "./edit-event.ts";
import type { EventPages } from "./event-pages.ts";
import { publishEvent } from "./publish-event.ts";
import { readContent } from "./read-event.ts";

/** Ten thousand slots, each with a note, fit. */
const EVENT_BODY_BYTES_MAX = 4 * 1024 * 1024;

const Params = Type.Object({ id: Type.String() });
const Listing = Type.Object({
  ...PageQuery,
  from: Type.Optional(
    Type.String({ maxLength: 40, description: "With a slot from this time or day on (UTC)." }),
  ),
  to: Type.Optional(Type.String({ maxLength: 40, description: "With a slot before this." })),
  q: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: "Words of the name or location." }),
  ),
  organizer: Type.Optional(
    Type.Unsafe<string>({
      ...idSchema("org"),
      description:
        "Only events of this organizer. Its members and keys get all of them, the newest first; others those that are published.",
    }),
  ),
});

export interface EventRoutesContext extends CatalogRoutesContext, CreateContext {
  readonly tokens: CapabilityTokens;
  readonly pages: EventPages;
}

/** Events as a whole: opening, finding, reading, editing them. */
export function eventRoutes(context: EventRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/events",
      {
        config: { requires: [], identifies: true },
        bodyLimit: EVENT_BODY_BYTES_MAX,
        schema: {
          operationId: "createEvent",
          tags: ["Events"],
          summary: "Open an event with its slots and ticket types",
          body: NewEvent,
          response: { 201: CreatedEventView, ...problems(400, 401, 403, 404, 409, 422) },
        },
      },
      (request, reply) => create(context, request, reply),
    );
    server.get(
      "/events",
      {
        config: { requires: [], identifies: true },
        schema: {
          operationId: "listEvents",
          tags: ["Events"],
          summary: "Published events by their first slot; of one's own organizer all of them",
          querystring: Listing,
          response: { 200: EventPage, ...problems(400, 401, 422) },
        },
      },
      (request, reply) => list(context, request, reply),
    );
    server.get(
      "/events/:id",
      {
        config: { requires: [], identifies: true },
        schema: {
          operationId: "readEvent",
          tags: ["Events"],
          summary: "An event by its id or its slug",
          params: Params,
          response: { 200: EventView, 304: NotModified, ...problems(400, 401, 403, 404) },
        },
      },
      (request, reply) => read(context, request, reply),
    );
    await server.register(editRoutes(context));
  };
}

function editRoutes(context: EventRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.patch(
      "/events/:id",
      {
        config: { requires: ["event:write"] },
        schema: {
          operationId: "changeEvent",
          tags: ["Events"],
          summary: "Change an event",
          params: Params,
          body: EventChange,
          response: { 200: EventView, ...problems(400, 401, 403, 404, 409, 422) },
        },
      },
      (request, reply) =>
        edit(context, request, reply, (transaction, editor) =>
          changeEvent(context, transaction, editor, request.body),
        ),
    );
    server.post(
      "/events/:id/publish",
      {
        config: { requires: ["event:write"] },
        schema: {
          operationId: "publishEvent",
          tags: ["Events"],
          summary: "Put an event on sale",
          params: Params,
          response: { 200: EventView, ...problems(400, 401, 403, 404, 409) },
        },
      },
      (request, reply) =>
        edit(context, request, reply, (transaction, editor) =>
          publishEvent(context, transaction, editor),
        ),
    );
    server.post(
      "/events/:id/cancel",
      {
        config: { requires: ["event:write"] },
        schema: {
          operationId: "cancelEvent",
          tags: ["Events"],
          summary: "Cancel an event and all reservations of it",
          params: Params,
          response: { 200: EventView, ...problems(400, 401, 403, 404) },
        },
      },
      (request, reply) =>
        edit(context, request, reply, (transaction, editor) =>
          cancelEvent(context, transaction, editor),
        ),
    );
  };
}

async function create(
  context: EventRoutesContext,
  request: FastifyRequest<{ Body: NewEventBody }>,
  reply: FastifyReply,
) {
  const principal = principalOf(request);
  const eventId = newId<"evt">(context.clock);
  const { organizers } = reachOf({ principal, needs: ["event:write"] });
  const created = await answerEdit(context, request, reply, {
    status: 201,
    reach: { organizers, events: [eventId] },
    work: async (transaction) => {
      const asked = { principal, eventId, body: request.body };
      const content = await createEvent(context, transaction, asked);
      const reader = {
        languages: acceptedLanguages(request.headers["accept-language"]),
        isManager: true,
        publicUrl: context.publicUrl,
      };
      return { event: content.event, body: withToken(eventView(content, NOTHING_TAKEN, reader)) };
    },
    // The token is made of the id again: what is stored opens nothing.
    seal: ({ event_token: _token, ...event }) => event,
    unseal: (event) => withToken(event),
  });
  reply.header("location", `${context.publicUrl}/v1/events/${created.id}`);
  return said(reply, created);

  function withToken(event: EventBody): CreatedEventBody {
    if (event.organizer_id !== null) return event;
    const id = parseId("evt", event.id);
    assert(id !== null, "an event's own id is one");
    return { ...event, event_token: context.tokens.issue({ kind: "event", id, generation: 0 }) };
  }
}

async function list(
  context: EventRoutesContext,
  request: FastifyRequest<{ Querystring: Static<typeof Listing> }>,
  reply: FastifyReply,
) {
  const languages = acceptedLanguages(request.headers["accept-language"]);
  const { organizer, ...query } = request.query;
  const search = { ...query, languages };
  const organizerId = organizer === undefined ? undefined : idParam("org", organizer);
  const isOwn =
    organizerId !== undefined &&
    isAllowedInOrganizer(principalOf(request), "event:read", organizerId);
  const text = isOwn
    ? await context.pages.ownPage({ ...search, organizerId })
    : await context.pages.page(organizerId === undefined ? search : { ...search, organizerId });
  reply
    .header("vary", `accept-language${organizer === undefined ? "" : ", authorization, cookie"}`)
    .header("cache-control", isOwn ? "no-store" : "no-cache");
  sendReadyText(reply, "application/json; charset=utf-8", text);
  return reply;
}

async function read(
  context: EventRoutesContext,
  request: FastifyRequest<{ Params: Static<typeof Params> }>,
  reply: FastifyReply,
) {
  const content = await context.events.visibleContent(principalOf(request), request.params.id);
  const { event } = content;
  const availability = await context.sales.availabilityOf(event.eventId);
  const reader = readerOf(context, request, reply, event);
  const { version } = availability;
  if (isUnchanged(request, reply, { event, reader, version })) return reply.send();
  return eventView(content, availability, reader);
}

/** An edit of the event as a whole, answered with the event. */
async function edit(
  context: EventRoutesContext,
  request: FastifyRequest<{ Params: Static<typeof Params> }>,
  reply: FastifyReply,
  change: (transaction: Transaction, editor: Editor) => Promise<EditedEvent<null>>,
) {
  const editor = await editorOf(context, request);
  const availability = await availabilityBefore(context, editor);
  const body = await answerEdit(context, request, reply, {
    status: 200,
    work: async (transaction) => {
      const { event } = await change(transaction, editor);
      const content = await readContent(transaction, event);
      const reader = readerOf(context, request, reply, event);
      return { event, body: eventView(content, availability, reader) };
    },
  });
  return said(reply, body);
}

/** Says in which language an event is answered, also when it is an earlier answer again. */
function said<Body extends EventBody>(reply: FastifyReply, body: Body): Body {
  reply.header("content-language", body.language).header("cache-control", "no-store");
  return body;
}
