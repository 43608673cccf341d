import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { QueueFull } from "#platform/batching/batcher.ts";
import { callerOf } from "#platform/http/authentication.ts";
import { answerOnce } from "#platform/http/idempotency.ts";
import { idParam } from "#platform/http/ids.ts";
import { notFound, Problem } from "#platform/http/problem.ts";
import { problems } from "#platform/http/schemas.ts";
import type { Id } from "#platform/id.ts";
import { letHoldWait } from "./advance-payment.ts";
import { cancelPayment } from "./manage-payments.ts";
import type { Payment } from "./payment.ts";
import { noteAct, type PaymentRoutesContext, paymentFor, readFor } from "./payment-requests.ts";
import { NewPayment, PaymentList, PaymentOptions, PaymentView } from "./payment-schemas.ts";
import { paymentsOf } from "./payment-store.ts";
import { paymentView } from "./payment-views.ts";
import { refundsOf } from "./refund-store.ts";
import { startPayment } from "./start-payment.ts";

const Params = Type.Object({ id: Type.String() });

/** Paying for a reservation: for its holder, and for whoever manages its event. */
export function paymentRoutes(context: PaymentRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/reservations/:id/payments",
      {
        config: { requires: ["reservation:write"] },
        schema: {
          operationId: "createPayment",
          tags: ["Payments"],
          summary: "Pay for it: what it costs, or the difference to what it is to be exchanged for",
          params: Params,
          body: NewPayment,
          response: { 201: PaymentView, ...problems(400, 401, 403, 404, 409, 410, 422, 503) },
        },
      },
      (request, reply) => create(context, request, reply),
    );
    server.get(
      "/reservations/:id/payments",
      {
        config: { requires: ["reservation:read"] },
        schema: {
          operationId: "listPaymentsOfReservation",
          tags: ["Payments"],
          summary: "All tries to pay for it, the first one first",
          params: Params,
          response: { 200: PaymentList, ...problems(400, 401, 403, 404) },
        },
      },
      async (request) => {
        const reservationId = idParam("rsv", request.params.id);
        const asker = await context.askerOf(callerOf(request), reservationId);
        await readFor(context, asker, reservationId);
        const payments = await paymentsOf(context.database.kysely, reservationId);
        return { data: await viewsOf(context, request, payments) };
      },
    );
    server.get(
      "/payments/:id",
      {
        config: { requires: ["reservation:read"] },
        schema: {
          operationId: "readPayment",
          tags: ["Payments"],
          summary: "A payment as it stands now",
          params: Params,
          response: { 200: PaymentView, ...problems(400, 401, 403, 404) },
        },
      },
      async (request) => {
        const { payment } = await paymentFor(context, request, idParam("pay", request.params.id));
        const [view] = await viewsOf(context, request, [payment]);
        return view as Static<typeof PaymentView>;
      },
    );
    await server.register(cancelRoute(context));
    await server.register(optionsRoute(context));
  };
}

function cancelRoute(context: PaymentRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/payments/:id/cancel",
      {
        config: { requires: ["reservation:write"] },
        schema: {
          operationId: "cancelPayment",
          tags: ["Payments"],
          summary: "End a payment that is under way; what the provider then says counts",
          params: Params,
          response: { 200: PaymentView, ...problems(400, 401, 403, 404, 409, 503) },
        },
      },
      async (request, reply) => {
        const paymentId = idParam("pay", request.params.id);
        const { payment, asker } = await paymentFor(context, request, paymentId);
        const answer = await answerOnce(context, request, reply, {
          work: async (transaction) => {
            const ended = await cancelPayment(context, transaction, payment);
            if (asker.as === "manager") {
              await noteAct(context, transaction, request, asker, request.params.id);
            }
            return { status: 200, body: paymentView(ended, [], null) };
          },
        });
        context.jobs.wake();
        return answer;
      },
    );
  };
}

function optionsRoute(context: PaymentRoutesContext): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/events/:id/payment-options",
      {
        config: { requires: [] },
        schema: {
          operationId: "readPaymentOptions",
          tags: ["Payments"],
          summary: "How one can pay for what is reserved of an event",
          params: Params,
          response: { 200: PaymentOptions, ...problems(400, 404) },
        },
      },
      async (request) => {
        const facts = await context.factsOf(idParam("evt", request.params.id));
        if (facts === null || facts.state === "draft") {
          throw new Problem(notFound, "There is no such event here.");
        }
        const { offlineHoldHours } = facts;
        const names = [...context.providers.byName.keys()].filter(
          (name) => name !== "offline" || offlineHoldHours !== null,
        );
        return {
          data: names.map((provider) => ({
            provider,
            publishable_key: provider === "stripe" ? context.publishableKey : null,
            hold_seconds:
              provider === "offline" ? (offlineHoldHours ?? 0) * 3600 : context.waitSeconds,
          })),
        };
      },
    );
  };
}

async function create(
  context: PaymentRoutesContext,
  request: FastifyRequest<{
    Params: Static<typeof Params>;
    Body: Static<typeof NewPayment>;
  }>,
  reply: FastifyReply,
): Promise<Static<typeof PaymentView>> {
  const reservationId = idParam("rsv", request.params.id);
  const { body } = request;
  const asker = await context.askerOf(callerOf(request), reservationId);
  const { eventId } = await readFor(context, asker, reservationId);
  const facts = await context.factsOf(eventId);
  if (facts === null) throw new Problem(notFound, "There is no such event here.");
  let begun: Payment | null = null;
  const answer = await answerOnce(context, request, reply, {
    work: async (transaction) => {
      const payment = await startPayment(context, transaction, {
        reservation: await readFor(context, asker, reservationId, transaction),
        facts,
        provider: body.provider,
        methodToken: body.method_token ?? null,
        returnUrl: body.return_url ?? null,
        expected:
          body.amount === undefined
            ? null
            : { amountMinor: body.amount.amount_minor, currency: body.amount.currency },
        waitSeconds: context.waitSeconds,
      });
      if (asker.as === "manager") {
        await noteAct(context, transaction, request, asker, request.params.id);
      }
      begun = payment;
      return { status: 201, body: paymentView(payment, [], null) };
    },
  });
  // At once, so that the hold cannot end between this answer and the job, which would do it else.
  if (begun !== null) await beginNow(context, begun);
  context.jobs.wake();
  return answer;
}

async function beginNow(context: PaymentRoutesContext, payment: Payment): Promise<void> {
  try {
    await letHoldWait(context, payment);
  } catch (error) {
    // Too many wait: its job has its turn soon.
    if (!(error instanceof QueueFull)) throw error;
  }
}

/** What the payer has to do is for holders who may act. */
async function viewsOf(
  context: PaymentRoutesContext,
  request: FastifyRequest,
  payments: readonly Payment[],
): Promise<Static<typeof PaymentView>[]> {
  const { principal } = callerOf(request);
  const mayPay = principal.kind === "reservation" && principal.may === "manage";
  const ids: readonly Id<"pay">[] = payments.map(({ paymentId }) => paymentId);
  const refunds = await refundsOf(context.database.kysely, ids);
  return payments.map((payment) => paymentView(payment, refunds, mayPay ? context : null));
}
