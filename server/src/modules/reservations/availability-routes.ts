import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { EventFacts } from "#modules/catalog/index.ts";
import {
  type Caller,
  callerOf,
  type Principal,
  principalOf,
} from "#platform/http/authentication.ts";
import { matchesEtag } from "#platform/http/etag.ts";
import { createEventStreams } from "#platform/http/event-stream.ts";
import { idParam } from "#platform/http/ids.ts";
import { keepReady, type ReadyAnswer } from "#platform/http/ready-answers.ts";
import { problems } from "#platform/http/schemas.ts";
import { formatId, type Id } from "#platform/id.ts";
import type { AvailabilityView, EventAvailability } from "./availability.ts";
import { poolsOf } from "./price-lines.ts";
import type { PoolProof } from "./prove-pools.ts";
import { AvailabilityViewSchema, ProofView } from "./reservation-schemas.ts";

const Params = Type.Object({ id: Type.String() });
/** Streams a process serves at once; each is an open connection. */
const STREAMS_MAX = 10_000;
const HEADERS = {
  "cache-control": "no-cache",
  "content-type": "application/json; charset=utf-8",
} as const;

export interface AvailabilityRoutesContext {
  readonly availability: AvailabilityView;
  /** The event as the asker may see it; throws `not_found` for a draft that is not theirs. */
  visibleEvent(principal: Principal, idOrSlug: string): Promise<EventFacts>;
  /** Whether the facts of the event are still these. */
  isCurrent(facts: EventFacts): boolean;
  /** The event of a slot, for its manager; throws 401 or 404. */
  authorizeSlot(caller: Caller, slotId: Id<"slt">): Promise<EventFacts>;
  /** The proof of all pools of an event, expired holds ended first. */
  prove(eventId: Id<"evt">): Promise<PoolProof[]>;
}

/** What is left, as a picture and as a stream; and the proof that it adds up. */
export function availabilityRoutes(context: AvailabilityRoutesContext): FastifyPluginAsyncTypebox {
  const bodies = new WeakMap<EventAvailability, { facts: EventFacts; body: string }>();
  const bodyOf: BodyOf = async (facts) => {
    const view = await context.availability.of(facts.eventId);
    let made = bodies.get(view);
    if (made?.facts !== facts) {
      made = { facts, body: JSON.stringify(availabilityBody(facts, view)) };
      bodies.set(view, made);
    }
    return {
      etag: `"${facts.revision.toString(36)}-${view.version}"`,
      body: made.body,
      isTrue: () => context.isCurrent(facts) && context.availability.isCurrent(facts.eventId, view),
    };
  };
  return async (server) => {
    await server.register(readRoute(context, bodyOf));
    await server.register(streamRoute(context, bodyOf));
    await server.register(proofRoute(context));
  };
}

type BodyOf = (facts: EventFacts) => Promise<Omit<ReadyAnswer, "headers">>;

function readRoute(context: AvailabilityRoutesContext, bodyOf: BodyOf): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/events/:id/availability",
      {
        config: { requires: [], identifies: true },
        schema: {
          operationId: "readAvailability",
          tags: ["Availability"],
          summary: "What is left in each slot and ticket type",
          params: Params,
          response: { 200: AvailabilityViewSchema, ...problems(404) },
        },
        // The body is kept as text; it was made from the schema's own shape.
        serializerCompiler: () => (body) =>
          typeof body === "string" ? body : JSON.stringify(body),
      },
      async (request, reply) => {
        const facts = await context.visibleEvent(principalOf(request), request.params.id);
        const answer = { ...(await bodyOf(facts)), headers: HEADERS };
        keepReady(request, reply as unknown as FastifyReply, answer);
        return sendUnlessKnown(request, reply as unknown as FastifyReply, answer);
      },
    );
  };
}

function streamRoute(
  context: AvailabilityRoutesContext,
  bodyOf: BodyOf,
): FastifyPluginAsyncTypebox {
  return async (server) => {
    const streams = createEventStreams(server as unknown as FastifyInstance, {
      streamsMax: STREAMS_MAX,
      fullDetail: "Too many pages are watching. Ask for the availability instead.",
    });
    server.get(
      "/events/:id/availability/stream",
      {
        config: { requires: [], identifies: true },
        schema: {
          operationId: "streamAvailability",
          tags: ["Availability"],
          summary: "What is left, now and at every change (server-sent events)",
          params: Params,
          produces: ["text/event-stream"],
          response: problems(404, 503),
        },
      },
      async (request, reply) => {
        const visible = () => context.visibleEvent(principalOf(request), request.params.id);
        const { eventId } = await visible();
        return streams.open(request, reply as unknown as FastifyReply, {
          event: "availability",
          send: async () => bodyOf(await visible()),
          watch: (onChange) => context.availability.watch(eventId, onChange),
        });
      },
    );
  };
}

function proofRoute(context: AvailabilityRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/slots/:id/proof",
      {
        config: { requires: ["event:read"] },
        schema: {
          operationId: "proveSlot",
          tags: ["Availability"],
          summary: "That the counters of a slot's pools equal the ledger",
          params: Params,
          response: { 200: ProofView, ...problems(400, 401, 404) },
        },
      },
      async (request) => {
        const slotId = idParam("slt", request.params.id);
        const facts = await context.authorizeSlot(callerOf(request), slotId);
        const pools = await context.prove(facts.eventId);
        const drawn = new Set(
          [...facts.ticketTypes.values()].flatMap((type) => poolsOf(type, slotId)).concat(slotId),
        );
        return { pools: pools.filter((pool) => drawn.has(pool.poolId)).map(proofBody) };
      },
    );
  };
}

/** The body as it is kept, or 304 to whoever has it already. */
function sendUnlessKnown(
  request: FastifyRequest,
  reply: FastifyReply,
  { etag, headers, body }: ReadyAnswer,
) {
  reply.headers({ ...headers, etag });
  if (!matchesEtag(request, etag)) return reply.send(body);
  return reply.removeHeader("content-type").code(304).send();
}

function availabilityBody(facts: EventFacts, view: EventAvailability) {
  const left = (poolId: string) => Math.max(view.pool(poolId)?.available ?? 0, 0);
  const types = [...facts.ticketTypes.values()].filter((type) => !type.hidden);
  return {
    slots: [...facts.slots.entries()].map(([slotId, slot]) => ({
      id: formatId("slt", slotId),
      capacity: slot.capacity,
      available: left(slotId),
      ticket_types: types.map((type) => ({
        id: formatId("tty", type.ticketTypeId),
        available: Math.min(...poolsOf(type, slotId).map(left)),
      })),
    })),
  };
}

function proofBody(pool: PoolProof) {
  const { poolId, slotId, ticketTypeId } = pool;
  const id =
    poolId === slotId
      ? formatId("slt", slotId)
      : poolId === ticketTypeId
        ? formatId("tty", ticketTypeId)
        : poolId;
  return {
    id,
    capacity: pool.capacity,
    held: pool.held,
    sold: pool.sold,
    free: pool.capacity - pool.held - pool.sold,
    ledger: pool.ledger,
    adds_up: pool.addsUp,
  };
}
