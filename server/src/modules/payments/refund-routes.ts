import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { reachOf } from "#modules/organizers/index.ts";
import { refuseWhenFull } from "#modules/reservations/index.ts";
import { inReach } from "#platform/database/reach.ts";
import { callerOf, credentialsNeeded } from "#platform/http/authentication.ts";
import { answerOnce } from "#platform/http/idempotency.ts";
import { idParam } from "#platform/http/ids.ts";
import { PageQuery, type Part, pageById } from "#platform/http/pagination.ts";
import { invalidField, Problem } from "#platform/http/problem.ts";
import { problems } from "#platform/http/schemas.ts";
import { advancePayment } from "./advance-payment.ts";
import {
  handBackRefund,
  refundPayment,
  retryRefund,
  settleOfflinePayment,
} from "./manage-payments.ts";
import { REFUND_STATES } from "./payment.ts";
import {
  noSuchRefund,
  noteAct,
  type PaymentRoutesContext,
  paymentForManager,
} from "./payment-requests.ts";
import {
  NewRefund,
  PaymentPage,
  PaymentView,
  RefundsOfEvent,
  Settlement,
  SingleRefund,
} from "./payment-schemas.ts";
import { listPayments, readPayment } from "./payment-store.ts";
import { moneyView, paymentView, refundView } from "./payment-views.ts";
import { listRefunds, readRefund, refundProgress, refundsOf } from "./refund-store.ts";

const Params = Type.Object({ id: Type.String() });
const Listing = Type.Object(PageQuery);

/** What whoever manages an event does with its money. */
export function refundRoutes(context: PaymentRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/payments/:id/refunds",
      {
        config: { requires: ["reservation:write"] },
        schema: {
          operationId: "createRefund",
          tags: ["Payments"],
          summary: "Give money back: all that is left of a payment, or a part of it",
          params: Params,
          body: Type.Optional(NewRefund),
          response: { 201: SingleRefund, ...problems(400, 401, 403, 404, 409, 422, 503) },
        },
      },
      (request, reply) => createRefund(context, request, reply),
    );
    server.post(
      "/payments/:id/settlement",
      {
        config: { requires: ["reservation:write"] },
        schema: {
          operationId: "settlePayment",
          tags: ["Payments"],
          summary: "Say whether money that is paid at the till or by bank transfer came",
          params: Params,
          body: Settlement,
          response: { 200: PaymentView, ...problems(400, 401, 403, 404, 409, 422, 503) },
        },
      },
      (request) => settle(context, request),
    );
    await server.register(refusedRoutes(context));
    await server.register(listRoutes(context));
  };
}

/** What can be done about a refund that the provider refused. */
function refusedRoutes(context: PaymentRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    const ways = [
      ["retry", "retryRefund", retryRefund, "Try a refund again that the provider refused"],
      [
        "handed-back",
        "handBackRefund",
        handBackRefund,
        "Say that a refund that the provider refused was given in another way",
      ],
    ] as const;
    for (const [path, operationId, deal, summary] of ways) {
      server.post(
        `/refunds/:id/${path}`,
        {
          config: { requires: ["reservation:write"] },
          schema: {
            operationId,
            tags: ["Payments"],
            summary,
            params: Params,
            response: { 200: SingleRefund, ...problems(400, 401, 403, 404, 409, 503) },
          },
        },
        (request, reply) => dealWithRefused(context, request, reply, deal),
      );
    }
  };
}

function listRoutes(context: PaymentRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/events/:id/payments",
      {
        config: { requires: ["reservation:read"] },
        schema: {
          operationId: "listPayments",
          tags: ["Payments"],
          summary: "The payments of an event, the newest first",
          params: Params,
          querystring: Listing,
          response: { 200: PaymentPage, ...problems(400, 401, 403, 404, 422) },
        },
      },
      async (request) => {
        const eventId = idParam("evt", request.params.id);
        await context.authorize(callerOf(request), eventId);
        return inReach(context.database, reachOf(callerOf(request)), async (transaction) => {
          const find = (part: Part<"pay">) => listPayments(transaction, eventId, part);
          const page = await pageById(request.query, {
            find,
            idOf: ({ paymentId }) => paymentId,
            view: (payment) => payment,
          });
          const ids = page.data.map(({ paymentId }) => paymentId);
          const refunds = await refundsOf(transaction, ids);
          return { ...page, data: page.data.map((one) => paymentView(one, refunds, null)) };
        });
      },
    );
    server.get(
      "/events/:id/refunds",
      {
        config: { requires: ["reservation:read"] },
        schema: {
          operationId: "listRefunds",
          tags: ["Payments"],
          summary: "The refunds of an event, the newest first, and how far all of them have come",
          params: Params,
          querystring: Listing,
          response: { 200: RefundsOfEvent, ...problems(400, 401, 403, 404, 422) },
        },
      },
      (request) => refundsOfEvent(context, request),
    );
  };
}

async function createRefund(
  context: PaymentRoutesContext,
  request: FastifyRequest<{
    Params: Static<typeof Params>;
    Body: Static<typeof NewRefund> | undefined;
  }>,
  reply: FastifyReply,
): Promise<Static<typeof SingleRefund>> {
  const paymentId = idParam("pay", request.params.id);
  const { payment, facts } = await paymentForManager(context, request, paymentId);
  const { amount } = request.body ?? {};
  if (amount !== undefined && amount.currency !== payment.amount.currency) {
    throw wrongAmount("/amount/currency", `The payment is in ${payment.amount.currency}.`);
  }
  if (amount !== undefined && amount.amount_minor < 1) {
    throw wrongAmount("/amount/amount_minor", "A refund gives something back.");
  }
  const answer = await answerOnce(context, request, reply, {
    work: async (transaction) => {
      const wanted = amount?.amount_minor ?? null;
      const refund = await refundPayment(context, transaction, payment, wanted);
      await noteAct(context, transaction, request, facts, request.params.id);
      return { status: 201, body: refundView(refund) };
    },
  });
  context.jobs.wake();
  return answer;
}

function wrongAmount(path: string, message: string): Problem {
  return new Problem(invalidField, message, { errors: [{ path, code: "out_of_range", message }] });
}

async function dealWithRefused(
  context: PaymentRoutesContext,
  request: FastifyRequest<{ Params: Static<typeof Params> }>,
  reply: FastifyReply,
  deal: typeof retryRefund,
): Promise<Static<typeof SingleRefund>> {
  const refundId = idParam("rfd", request.params.id);
  const caller = callerOf(request);
  if (caller.principal.kind === "anonymous") throw credentialsNeeded();
  const refund = await readRefund(context.database.kysely, refundId);
  if (refund === null) throw noSuchRefund();
  const facts = await context.authorize(caller, refund.eventId);
  const answer = await answerOnce(context, request, reply, {
    work: async (transaction) => {
      const after = await deal(context, transaction, refund);
      await noteAct(context, transaction, request, facts, request.params.id);
      return { status: 200, body: refundView(after) };
    },
  });
  context.jobs.wake();
  return answer;
}

/** The offline provider is ours: what is said is kept at once, and the payment brought to its end. */
async function settle(
  context: PaymentRoutesContext,
  request: FastifyRequest<{ Params: Static<typeof Params>; Body: Static<typeof Settlement> }>,
): Promise<Static<typeof PaymentView>> {
  const paymentId = idParam("pay", request.params.id);
  const { payment, facts } = await paymentForManager(context, request, paymentId);
  const { principal } = callerOf(request);
  const { organizerId, eventId } = facts;
  const act = {
    principal,
    organizerId,
    eventId,
    action: "settlePayment",
    subject: request.params.id,
  };
  const came = request.body.received ? "received" : "not_received";
  await context.audit.around(
    act,
    () => refuseWhenFull(() => settleOfflinePayment(context, payment, came)),
    () => "done",
  );
  await refuseWhenFull(() => advancePayment(context, paymentId));
  const settled = (await readPayment(context.database, paymentId)) ?? payment;
  return paymentView(settled, await refundsOf(context.database.kysely, [paymentId]), null);
}

async function refundsOfEvent(
  context: PaymentRoutesContext,
  request: FastifyRequest<{
    Params: Static<typeof Params>;
    Querystring: Static<typeof Listing>;
  }>,
): Promise<Static<typeof RefundsOfEvent>> {
  const eventId = idParam("evt", request.params.id);
  const { currency } = await context.authorize(callerOf(request), eventId);
  return inReach(context.database, reachOf(callerOf(request)), async (transaction) => {
    const page = await pageById(request.query, {
      find: (part: Part<"rfd">) => listRefunds(transaction, eventId, part),
      idOf: ({ refundId }) => refundId,
      view: refundView,
    });
    const found = await refundProgress(transaction, eventId);
    const [pending, succeeded, failed, byHand] = REFUND_STATES.map((state) => {
      const { count = 0, amountMinor = 0 } = found.get(state) ?? {};
      return { count, amount: moneyView({ amountMinor, currency }) };
    }) as [Progress, Progress, Progress, Progress];
    return { progress: { pending, succeeded, failed, by_hand: byHand }, ...page };
  });
}

type Progress = Static<typeof RefundsOfEvent>["progress"]["pending"];
