import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { createTessera, type Tessera, type TesseraOptions } from "../src/index.ts";

/** A request as it came over the wire. */
interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type Step = (response: ServerResponse) => void;

export interface ScriptedServer {
  readonly client: Tessera;
  readonly received: readonly Received[];
  /** What the client was asked to wait for, in milliseconds. Nothing really waits. */
  readonly waits: readonly number[];
}

/** An HTTP server that answers each request by the next step, and a client of it that never waits. */
export async function scriptedServer(
  t: TestContext,
  steps: readonly Step[],
  options: Partial<TesseraOptions> = {},
): Promise<ScriptedServer> {
  const received: Received[] = [];
  const waits: number[] = [];
  const server = createServer((request, response) => {
    void readWhole(request).then((body) => {
      const { method, url, headers } = request;
      received.push({ method, url, headers, body });
      const step = steps[received.length - 1] ?? json(500, { code: "script_ended" });
      step(response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const client = createTessera({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    delay: async (milliseconds) => void waits.push(milliseconds),
    ...options,
  });
  return { client, received, waits };
}

export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Step {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}

export function problem(
  status: number,
  code: string,
  members: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Step {
  const body = { type: `/problems/${code}`, title: code, status, detail: code, code, ...members };
  return json(status, body, { "content-type": "application/problem+json", ...headers });
}

/** The connection breaks before an answer. */
export const cut: Step = (response) => response.destroy();

/** No answer, for ever. */
export const silent: Step = () => undefined;

async function readWhole(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
