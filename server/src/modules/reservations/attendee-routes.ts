import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import type { AttendeeRetention, EventFacts } from "#modules/catalog/index.ts";
import { reachOf } from "#modules/organizers/index.ts";
import { inReach, within } from "#platform/database/reach.ts";
import { callerOf } from "#platform/http/authentication.ts";
import { answerOnce } from "#platform/http/idempotency.ts";
import { idParam } from "#platform/http/ids.ts";
import { invalidField, Problem, problemType } from "#platform/http/problem.ts";
import { component, idSchema, problems } from "#platform/http/schemas.ts";
import { formatId, type Id, newId } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import { type AttendeesMeant, countAttendees, eraseAttendees } from "./erase-attendees.ts";
import { countReservations, exportAttendees } from "./export-attendees.ts";
import {
  noSuchReservation,
  type ReservationRoutesContext,
  refuseWhenFull,
} from "./reservation-requests.ts";

export const eventNotOver = problemType({
  code: "event_not_over",
  status: 409,
  title: "The event is not over, or its attendees are still to be kept",
});
export const erasureChanged = problemType({
  code: "erasure_changed",
  status: 409,
  title: "Other reservations are meant than the dry run said",
});

const CSV = "text/csv; charset=utf-8; header=present";
const Params = Type.Object({ id: Type.String() });

const Erasure = component(
  "AttendeeErasure",
  Type.Object(
    {
      email: Type.Optional(
        Type.String({
          format: "email",
          maxLength: 254,
          description: "All attendees of this address, in any case.",
        }),
      ),
      reservation_id: Type.Optional(idSchema("rsv")),
      all: Type.Optional(
        Type.Literal(true, {
          description: "Only when the event is over and its retention passed.",
        }),
      ),
      dry_run: Type.Optional(
        Type.Boolean({ default: true, description: "Only say how many would be erased." }),
      ),
      reservations: Type.Optional(
        Type.Integer({
          minimum: 0,
          description: "Needed where `dry_run` is false: how many there are, as the dry run said.",
        }),
      ),
    },
    {
      additionalProperties: false,
      description: "Exactly one of `email`, `reservation_id` and `all` says who is meant.",
    },
  ),
);

const ErasureView = component(
  "ErasedAttendees",
  Type.Object({
    dry_run: Type.Boolean(),
    reservations: Type.Integer({ description: "How many hold personal data that is meant." }),
    erased: Type.Integer({ description: "How many of them hold none any more." }),
  }),
);

type ErasureBody = Static<typeof Erasure>;
type ErasureRequest = FastifyRequest<{ Params: Static<typeof Params>; Body: ErasureBody }>;

export interface AttendeeRoutesContext extends ReservationRoutesContext {
  readonly retention: AttendeeRetention;
}

/** What an event knows of people: all of it as a file, and the end of it. */
export function attendeeRoutes(context: AttendeeRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/events/:id/attendees/export",
      {
        config: { requires: ["reservation:read"] },
        schema: {
          operationId: "exportAttendees",
          tags: ["Attendees"],
          summary: "All reservations of an event with their attendees, as CSV",
          params: Params,
          response: {
            200: {
              description: "CSV (RFC 4180) in UTF-8, with a header",
              content: { "text/csv": { schema: Type.String({ contentMediaType: "text/csv" }) } },
            },
            ...problems(400, 401, 403, 404),
          },
        },
      },
      (request, reply) => sendExport(context, request, reply as unknown as FastifyReply),
    );
    server.post(
      "/events/:id/attendees/erase",
      {
        config: { requires: ["attendee:erase"] },
        schema: {
          operationId: "eraseAttendees",
          tags: ["Attendees"],
          summary: "Erase the personal data of attendees for good; first say of how many",
          params: Params,
          body: Erasure,
          response: { 200: ErasureView, ...problems(400, 401, 403, 404, 409, 422, 503) },
        },
      },
      (request, reply) => erase(context, request, reply),
    );
  };
}

async function sendExport(
  context: AttendeeRoutesContext,
  request: FastifyRequest<{ Params: Static<typeof Params> }>,
  reply: FastifyReply,
): Promise<void> {
  const eventId = idParam("evt", request.params.id);
  const facts = await context.authorize(callerOf(request), eventId);
  const reach = reachOf(callerOf(request));
  const reservations = await inReach(context.database, reach, (transaction) =>
    countReservations(transaction, eventId),
  );
  const body = new PassThrough();
  const send = () => {
    reply
      .type(CSV)
      .header("cache-control", "no-store")
      .header(
        "content-disposition",
        `attachment; filename="attendees-${formatId("evt", eventId)}.csv"`,
      )
      .send(body);
    return pipeline(exportAttendees(context, reach, eventId), body, { end: false });
  };
  const act = actOf(request, facts, { reservations });
  try {
    await context.audit.around(act, send, () => "done");
    body.end();
  } catch (error) {
    // Once it was begun, an export that is cut short ends without its last chunk: whoever reads it sees that.
    if (!reply.sent) throw error;
  }
}

async function erase(
  context: AttendeeRoutesContext,
  request: ErasureRequest,
  reply: FastifyReply,
): Promise<Static<typeof ErasureView>> {
  const eventId = idParam("evt", request.params.id);
  const facts = await context.authorize(callerOf(request), eventId);
  const { body } = request;
  const { dry_run: isDryRun = true } = body;
  refuseUnclear(body);
  const meant = await attendeesMeant(context, facts, body);
  const reach = reachOf(callerOf(request));
  const answer = await answerOnce(context, request, reply, {
    work: async (transaction) => {
      // Above every id of this millisecond: ids begin with their time.
      const until = `${newId(context.clock).slice(0, 13)}-ffff-ffff-ffffffffffff` as Id<"rsv">;
      const reservations = await within(transaction, reach, () =>
        countAttendees(transaction, { ...meant, until }),
      );
      if (isDryRun) return { status: 200, body: { reservations, until } };
      if (reservations !== body.reservations) throw refuseChanged(reservations);
      return { status: 200, body: { reservations, until } };
    },
  });
  const { reservations, until } = answer;
  if (isDryRun) return { dry_run: true, reservations, erased: 0 };
  // Also when it is asked again: the first time may have been cut short. What came since is not meant.
  const act = actOf(request, facts, { meant: wordFor(body), reservations });
  await context.audit.around(
    act,
    () => eraseAttendees(context, { ...meant, until }, { as: "manager", reach }),
    (erased) => (erased === 0 && reservations > 0 ? "repeated" : "done"),
  );
  return { dry_run: false, reservations, erased: reservations };
}

/** @throws `invalid_field` unless it is clear who is meant, and how many. */
function refuseUnclear(body: ErasureBody): void {
  const named = (["email", "reservation_id", "all"] as const).filter(
    (name) => body[name] !== undefined,
  );
  if (named.length !== 1) {
    const message = "must say exactly one of email, reservation_id and all";
    throw new Problem(invalidField, `The body ${message}.`, {
      errors: [{ path: "", code: "one_of", message }],
    });
  }
  if (body.dry_run === false && body.reservations === undefined) {
    const message = "is needed where dry_run is false: how many there are, as the dry run said";
    throw new Problem(invalidField, `/reservations ${message}.`, {
      errors: [{ path: "/reservations", code: "required", message }],
    });
  }
}

/** @throws `not_found` for a reservation of another event, `event_not_over` for all of one that is not. */
async function attendeesMeant(
  context: AttendeeRoutesContext,
  { eventId }: EventFacts,
  { email, reservation_id: id, all }: ErasureBody,
): Promise<AttendeesMeant> {
  if (all) await refuseUnlessOver(context, eventId);
  if (id === undefined) return { eventId, email: email ?? null };
  const reservationId = idParam("rsv", id);
  const reservation = await refuseWhenFull(() => context.reader.read(reservationId));
  if (reservation?.eventId !== eventId || reservation.exchangeOf !== null) {
    throw noSuchReservation();
  }
  return { eventId, reservationId };
}

async function refuseUnlessOver(
  { retention, clock }: AttendeeRoutesContext,
  eventId: Id<"evt">,
): Promise<void> {
  const from = await retention.erasableFrom(eventId);
  if (from !== null && from <= clock.now()) return;
  const message =
    from === null
      ? "The event has no slot that could end. Cancel it first."
      : `All attendees can be erased from ${toRfc3339(from)} on: then the event is over and its retention has passed.`;
  throw new Problem(eventNotOver, message, {
    reasons: [
      {
        code: eventNotOver.code,
        message,
        possible_from: from === null ? null : toRfc3339(from),
      },
    ],
  });
}

function refuseChanged(reservations: number): Problem {
  const message = `${reservations} reservations are meant now. Nothing was erased: look again, then say that number.`;
  return new Problem(erasureChanged, message, {
    reasons: [{ code: erasureChanged.code, message, reservations }],
  });
}

function wordFor({ email, all }: ErasureBody): "all" | "email" | "reservation" {
  if (all) return "all";
  return email === undefined ? "reservation" : "email";
}

function actOf(
  request: FastifyRequest,
  { eventId, organizerId }: EventFacts,
  details: Readonly<Record<string, unknown>>,
) {
  const { operationId } = request.routeOptions.schema as { operationId: string };
  const { principal } = callerOf(request);
  return { principal, action: operationId, organizerId, eventId, details };
}
