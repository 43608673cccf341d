import { bareServer, bodySchema, givenAnswer, serveUntilTold } from "./bare-server.ts";

/** What a bare server answers to everything: as long as the real answer, and made of nothing. */
export interface EchoAnswer {
  readonly method: "GET" | "POST" | "PATCH";
  /** A route as Fastify writes it. */
  readonly route: string;
  /** The named schema that bodies are validated by; null for none. */
  readonly bodyComponent: "NewReservation" | "ReservationChange" | "NewRedemption" | null;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

// node bench/echo-server.ts ANSWER-FILE: the yardstick. The same Fastify, the same validation of the body,
// an answer of the same size and type; no database, no work.

const answer = givenAnswer();
const server = bareServer();
server.route({
  method: answer.method,
  url: answer.route,
  ...bodySchema(answer),
  handler: (_request, reply) => {
    reply.code(answer.status).headers(answer.headers);
    reply.send(answer.body === "" ? undefined : answer.body);
  },
});
await serveUntilTold(server);
