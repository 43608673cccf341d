import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { EventFacts } from "#modules/catalog/index.ts";
import { type Caller, callerOf } from "#platform/http/authentication.ts";
import { createEventStreams } from "#platform/http/event-stream.ts";
import { identifyAgain } from "#platform/http/identification.ts";
import { idParam } from "#platform/http/ids.ts";
import { problems } from "#platform/http/schemas.ts";
import type { Id } from "#platform/id.ts";
import { acceptedLanguages } from "#platform/text.ts";
import type { DoorCounts } from "./door-counts.ts";
import { type DoorDataParts, readDoorData } from "./door-data.ts";
import { DoorDataView, EventCountsView } from "./door-schemas.ts";

const Params = Type.Object({ id: Type.String() });
const Query = Type.Object({
  after: Type.Optional(
    Type.String({
      maxLength: 500,
      description: "The `cursor` of the answer before. Left out: everything.",
    }),
  ),
});
const FOR_DOORS = { requires: ["door"] } as const;
/** Streams a process serves at once; each is an open connection. */
const STREAMS_MAX = 2_000;

export interface DoorRoutesContext extends DoorDataParts {
  readonly counts: DoorCounts;
  authorize(caller: Caller, eventId: Id<"evt">): Promise<EventFacts>;
}

/** What a gate knows of its event, and how many people have come. */
export function doorRoutes(context: DoorRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/events/:id/door",
      {
        config: FOR_DOORS,
        schema: {
          operationId: "readDoor",
          tags: ["Door"],
          summary: "What a gate needs to go on without a network, and what is new of it",
          params: Params,
          querystring: Query,
          response: { 200: DoorDataView, ...problems(400, 401, 403, 404, 422) },
        },
      },
      async (request) => {
        const event = await eventOf(context, request);
        const languages = acceptedLanguages(request.headers["accept-language"]);
        return readDoorData(context, event, { after: request.query.after, languages });
      },
    );
    server.get(
      "/events/:id/door/counts",
      {
        config: FOR_DOORS,
        schema: {
          operationId: "readDoorCounts",
          tags: ["Door"],
          summary: "How many people are expected, were let in, are inside",
          params: Params,
          response: { 200: EventCountsView, ...problems(400, 401, 403, 404) },
        },
        // The body is kept as text; it was made from the schema's own shape.
        serializerCompiler: () => (body) =>
          typeof body === "string" ? body : JSON.stringify(body),
      },
      async (request, reply) => {
        const { body } = await context.counts.of(await eventOf(context, request));
        return (reply as unknown as FastifyReply)
          .type("application/json; charset=utf-8")
          .send(body);
      },
    );
    await server.register(streamRoute(context));
  };
}

function streamRoute(context: DoorRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    const streams = createEventStreams(server as unknown as FastifyInstance, {
      streamsMax: STREAMS_MAX,
      fullDetail: "Too many are watching. Ask for the counts instead.",
    });
    server.get(
      "/events/:id/door/counts/stream",
      {
        config: FOR_DOORS,
        schema: {
          operationId: "streamDoorCounts",
          tags: ["Door"],
          summary: "The counts, now and after changes, at most once a second (server-sent events)",
          params: Params,
          produces: ["text/event-stream"],
          response: problems(400, 401, 403, 404, 503),
        },
      },
      async (request, reply) => {
        const { eventId } = await eventOf(context, request);
        return streams.open(request, reply as unknown as FastifyReply, {
          event: "counts",
          send: async () => context.counts.of(await eventOf(context, request)),
          watch: (onChange) => context.counts.watch(eventId, onChange),
          // A pass that was revoked watches no longer.
          recheck: async () => {
            await identifyAgain(request);
            await eventOf(context, request);
          },
        });
      },
    );
  };
}

/** The event that the path names, if the caller may let people in there. */
function eventOf(
  { authorize }: DoorRoutesContext,
  request: FastifyRequest<{ Params: { id: string } }>,
): Promise<EventFacts> {
  return authorize(callerOf(request), idParam("evt", request.params.id));
}
