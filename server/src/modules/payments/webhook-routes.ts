import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { inTransaction } from "#platform/database/database.ts";
import { notFound, Problem, problemType } from "#platform/http/problem.ts";
import { problems } from "#platform/http/schemas.ts";
import { type PaymentsParts, WEBHOOK_JOB } from "./payments-parts.ts";
import type { ProviderName, WebhookDelivery, WebhookRefusal } from "./provider.ts";
import { storeWebhook } from "./webhook-store.ts";

export const webhookRefused = problemType({
  code: "webhook_refused",
  status: 400,
  title: "The webhook is not taken",
});

/** Larger ones are none of theirs. */
const BODY_BYTES_MAX = 256 * 1024;

const WORDS: Record<WebhookRefusal | "replayed", string> = {
  unsigned: "It is not signed.",
  wrong_signature: "It is not signed with a secret that is known here.",
  too_old_or_new: "It was signed more than five minutes ago, or the clocks differ by as much.",
  malformed: "It cannot be read.",
  replayed: "It was here before. What is told again is signed again.",
};

/**
 * Takes what payment providers tell: stored first, once for each event, and applied by a job. The answer only
 * says that it is stored.
 */
export function webhookRoutes(parts: PaymentsParts): FastifyPluginAsync {
  return async (server) => {
    takeBytes(server);
    server.post(
      "/payment-webhooks/:provider",
      {
        bodyLimit: BODY_BYTES_MAX,
        config: { requires: [] },
        schema: {
          operationId: "receivePaymentWebhook",
          tags: ["Payments"],
          summary: "For payment providers: something happened to a payment",
          params: Type.Object({ provider: Type.String() }),
          response: {
            204: Type.Null({ description: "It is stored." }),
            ...problems(400, 404, 413),
          },
        },
      },
      (request, reply) => receive(parts, request, reply),
    );
  };
}

/** A signature is over bytes, so nothing reads them before it is checked. */
function takeBytes(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
}

async function receive(
  parts: PaymentsParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { provider } = request.params as { provider: string };
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  await takeWebhook(parts, provider, { headers: request.headers, body });
  reply.code(204).send();
}

/**
 * Stores a webhook and the job that applies it.
 *
 * @throws `not_found` for a provider that is not used here, `webhook_refused`
 */
export async function takeWebhook(
  parts: PaymentsParts,
  name: string,
  delivery: WebhookDelivery,
): Promise<void> {
  const provider = parts.providers.byName.get(name as ProviderName);
  if (provider === undefined) {
    throw new Problem(notFound, "No payments by such a provider are taken here.");
  }
  const reading = await provider.readWebhook(delivery);
  if (reading.kind === "refused") throw refuse(reading.reason);
  const { eventId: providerEventId, signedAtSeconds } = reading;
  const paymentId = reading.kind === "event" ? reading.attemptId : null;
  const webhook = { provider: provider.name, providerEventId, paymentId, signedAtSeconds };
  const stored = await inTransaction(parts.database, async (transaction) => {
    const found = await storeWebhook(transaction, parts.clock, webhook);
    if (found === "new") {
      const { provider: from } = webhook;
      await parts.jobs.send(transaction, WEBHOOK_JOB, {
        provider: from,
        providerEventId,
        paymentId,
      });
    }
    return found;
  });
  if (stored === "replayed") throw refuse("replayed");
  parts.jobs.wake();
}

function refuse(reason: WebhookRefusal | "replayed"): Problem {
  return new Problem(webhookRefused, WORDS[reason], {
    reasons: [{ code: reason, message: WORDS[reason] }],
  });
}
