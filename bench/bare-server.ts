import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
// Declares the schemas of the bodies by their names.
import "../server/src/modules/admission/index.ts";
import "../server/src/modules/reservations/index.ts";
import { declaredComponents } from "../server/src/platform/http/schemas.ts";
import { createValidatorCompiler } from "../server/src/platform/http/validation.ts";
import type { EchoAnswer } from "./echo-server.ts";

/** Fastify as it comes, with the product's validation of bodies and nothing else of it. */
export function bareServer(): FastifyInstance {
  const server = Fastify();
  server.setValidatorCompiler(createValidatorCompiler(declaredComponents()) as never);
  return server;
}

/** The schema of a route whose body is validated as the product's is. */
export function bodySchema({ bodyComponent }: EchoAnswer): { schema?: { body: object } } {
  return bodyComponent === null ? {} : { schema: { body: { $ref: bodyComponent } } };
}

/** The answer that the file named first on the command line holds. */
export function givenAnswer(): EchoAnswer {
  const file = process.argv[2];
  if (file === undefined) throw new Error("Name the file that holds the answer.");
  return JSON.parse(readFileSync(file, "utf8")) as EchoAnswer;
}

/** Listens on a free port, says which, and ends at SIGTERM. */
export async function serveUntilTold(
  server: FastifyInstance,
  release: () => Promise<void> = async () => {},
): Promise<void> {
  await server.listen({ host: "127.0.0.1", port: 0 });
  const { port } = server.server.address() as AddressInfo;
  process.stdout.write(`listening on ${port}\n`);
  process.once("SIGTERM", () => {
    server.server.closeAllConnections();
    void server.close().then(release);
  });
}
