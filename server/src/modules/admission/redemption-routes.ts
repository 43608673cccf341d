import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { EventFacts } from "#modules/catalog/index.ts";
import { refuseWhenFull } from "#modules/reservations/index.ts";
import { readCode } from "#modules/tickets/index.ts";
import { idempotencyKeyOf } from "#platform/http/idempotency.ts";
import { idempotencyKeyReused, Problem } from "#platform/http/problem.ts";
import { problems } from "#platform/http/schemas.ts";
import { eventOfCode, namedEvent, presenterOf } from "./presenter.ts";
import {
  answeringFor,
  instantOf,
  type RedemptionRoutesContext,
  slotOf,
} from "./redemption-requests.ts";
import {
  NewRedemption,
  type NewRedemptionBody,
  NewRedemptions,
  RedemptionsView,
  RedemptionView,
  SCANS_BODY_BYTES_MAX,
} from "./redemption-schemas.ts";
import { redemptionView } from "./redemption-view.ts";
import { reportScans } from "./report-scans.ts";

/** Presenting codes at gates, at once or afterwards. */
export function redemptionRoutes(context: RedemptionRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/redemptions",
      {
        config: { requires: ["door"], anyTextAt: ["/code"] },
        schema: {
          operationId: "redeem",
          tags: ["Door"],
          summary: "Present a code at a gate: whether it lets somebody in",
          body: NewRedemption,
          response: { 200: RedemptionView, ...problems(400, 401, 403, 404, 422, 503) },
        },
      },
      (request, reply) => redeemOne(context, request, reply),
    );
    server.post(
      "/redemptions/batch",
      {
        config: { requires: ["door"], anyTextAt: ["/scans/*/code"] },
        bodyLimit: SCANS_BODY_BYTES_MAX,
        schema: {
          operationId: "reportScans",
          tags: ["Door"],
          summary: "Report what a gate scanned without a network",
          body: NewRedemptions,
          response: { 200: RedemptionsView, ...problems(400, 401, 403, 404, 413, 422, 503) },
        },
      },
      (request) => reportScans(context, request),
    );
  };
}

async function redeemOne(
  context: RedemptionRoutesContext,
  request: FastifyRequest<{ Body: NewRedemptionBody }>,
  reply: FastifyReply,
) {
  const { body } = request;
  const presenter = presenterOf(request, body.gate);
  const event =
    (await namedEvent(context.events, request, presenter, body.event_id)) ??
    (await eventOfText(context, request, body.code));
  // A key names the request as a nonce names the presentation.
  const key = idempotencyKeyOf(request)?.key ?? null;
  const presentation = {
    code: body.code,
    gate: presenter.gate,
    nonce: body.nonce ?? key,
    at: body.at === undefined ? null : instantOf(body.at, "/at"),
    direction: body.direction ?? "in",
    slotId: slotOf(body.slot_id),
    letThrough: null,
    presenterId: presenter.id,
  };
  const redemption =
    event === null
      ? context.redeem.refuseStray()
      : await refuseWhenFull(() => context.redeem.redeem({ event, ...presentation }));
  if (key !== null && body.nonce === undefined && redemption.reason === "nonce_reused") {
    throw new Problem(
      idempotencyKeyReused,
      "This Idempotency-Key was sent with another code. Use a fresh key for each presentation.",
    );
  }
  if (redemption.isReplayed) reply.header("idempotent-replayed", "true");
  return redemptionView(await answeringFor(context, request, event), redemption);
}

/** The event that a text is a code of, for who named none. */
async function eventOfText(
  { events }: RedemptionRoutesContext,
  request: FastifyRequest,
  text: string,
): Promise<EventFacts | null> {
  const code = readCode(text);
  return typeof code === "string" ? null : eventOfCode(events, request, code.ticketId);
}
