import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { idParam } from "#platform/http/ids.ts";
import { addressOf, type RouteLimit } from "#platform/http/rate-limits.ts";
import { component, idSchema, problems } from "#platform/http/schemas.ts";
import type { Later } from "#platform/jobs/later.ts";
import { acceptedLanguages } from "#platform/text.ts";
import { type ResendContext, resendLinks } from "./resend-links.ts";

const Resend = component(
  "ResendRequest",
  Type.Object(
    {
      email: Type.String({ format: "email", maxLength: 254, examples: ["ada@example.org"] }),
      event_id: idSchema("evt"),
    },
    { additionalProperties: false },
  ),
);

/** Mails that anybody can have sent to anybody, and looks through a whole event. */
const LIMITS: readonly RouteLimit[] = [
  {
    name: "mail",
    requests: 5,
    seconds: 3600,
    of: (request) => (request.body as { email: string }).email.toLowerCase(),
  },
  { name: "resend-address", requests: 60, seconds: 900, of: addressOf },
];

/** Lost links: always accepted, done after the answer, so that nobody learns what an address holds. */
export function resendRoutes(
  context: ResendContext & { readonly later: Later },
): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.post(
      "/reservations/resend",
      {
        config: { requires: [], limits: LIMITS },
        schema: {
          operationId: "resendLinks",
          tags: ["Reservations"],
          summary: "Send the links to what an address holds of an event",
          body: Resend,
          response: {
            202: Type.Unsafe<undefined>({
              type: "null",
              description: "Accepted, whether there is anything to send or not.",
            }),
            ...problems(400, 422, 503),
          },
        },
      },
      (request, reply) => {
        const eventId = idParam("evt", request.body.event_id);
        const languages = acceptedLanguages(request.headers["accept-language"]);
        const { email } = request.body;
        context.later.run(() => resendLinks(context, { email, eventId, languages }));
        return reply.code(202).send();
      },
    );
  };
}
