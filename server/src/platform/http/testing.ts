import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { testLog } from "#test/logs.ts";
import type { Logger } from "../logger.ts";
import { type CapabilityTokens, createCapabilityTokens } from "../tokens/capability.ts";
import type { IdentityReader } from "./identification.ts";
import {
  buildServer,
  type HttpConfig,
  type HttpServer,
  type HttpServerOptions,
  NOBODY,
} from "./server.ts";

export const PUBLIC_URL = "https://tickets.example.org";

/** Tokens of a key that every test may know. */
export const testTokens: CapabilityTokens = createCapabilityTokens([Buffer.alloc(32, "test")]);

export interface LogLine {
  readonly level: "fatal" | "error" | "warn" | "info" | "debug";
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A log that is kept for the test to read. */
export function aLog(): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write = (level: LogLine["level"]) => (fields: object, message: string) => {
    lines.push({ level, fields: { ...fields }, message });
    testLog[level](fields, message);
  };
  const log: Logger = {
    fatal: write("fatal"),
    error: write("error"),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    child: () => log,
  };
  return { log, lines };
}

export interface AServer {
  readonly config?: Partial<HttpConfig>;
  readonly metrics?: HttpServerOptions["metrics"];
  readonly identities?: Partial<IdentityReader>;
  readonly counters?: HttpServerOptions["counters"];
  readonly routes?: (server: HttpServer) => unknown;
}

/** A server with these routes, closed after the test, and what it logged. */
export async function aServer(
  t: TestContext,
  { config, metrics, identities, counters = null, routes }: AServer = {},
): Promise<{ server: HttpServer; lines: LogLine[] }> {
  const { log, lines } = aLog();
  const server = await buildServer({
    config: { publicUrl: PUBLIC_URL, ...config },
    tokens: testTokens,
    log,
    ...(metrics === undefined ? {} : { metrics }),
    ...(identities === undefined ? {} : { identities: { ...NOBODY, ...identities } }),
    counters,
  });
  t.after(() => server.close());
  await routes?.(server);
  return { server, lines };
}

/** Listens on a free port of this machine. */
export async function listen(server: HttpServer): Promise<number> {
  await server.listen({ host: "127.0.0.1", port: 0 });
  return (server.server.address() as AddressInfo).port;
}

/** Sends these bytes on a connection of their own; all that comes back until the server closes it. */
export async function sendRaw(to: number | Socket, bytes: string | Buffer): Promise<string> {
  const socket = typeof to === "number" ? connect(to, "127.0.0.1") : to;
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => undefined);
  socket.write(bytes);
  await once(socket, "close");
  return Buffer.concat(chunks).toString("latin1");
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** The first answer on a connection. */
export function readAnswer(text: string): RawAnswer {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  return { status: Number(statusLine.split(" ")[1]), headers, body: rest.join("\r\n\r\n") };
}
