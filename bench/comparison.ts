import type { EchoAnswer } from "./echo-server.ts";
import type { Comparison, Load, LoadRequest } from "./measurement.ts";
import type { RunningServer } from "./running-server.ts";
import type { Stage } from "./stage.ts";

export interface ToCompare {
  readonly title: string;
  readonly server: RunningServer;
  readonly load: Load;
  /** The path of the requests as Fastify writes it; left out: the path itself. */
  readonly route?: string;
  readonly bodyComponent?: EchoAnswer["bodyComponent"];
  readonly bar?: number | undefined;
  readonly memoryMbMax?: number | undefined;
}

/** A server of ours beside an echo that gives the same answer, which is asked for once. */
export async function againstEcho(stage: Stage, wanted: ToCompare): Promise<Comparison> {
  const { server, load } = wanted;
  const echo = await stage.startEcho(await sampleAnswer(wanted));
  return {
    title: wanted.title,
    ours: { servers: [server], load },
    echo: { servers: [echo], load },
    reference: null,
    bar: wanted.bar ?? null,
    memoryMbMax: wanted.memoryMbMax ?? null,
  };
}

/**
 * What the server really answers to the first request of the warm-up.
 *
 * @throws when that is not the status the load expects.
 */
export async function sampleAnswer(wanted: ToCompare): Promise<EchoAnswer> {
  const { server, load, route, bodyComponent } = wanted;
  const [request] = load.requests(0);
  if (request === undefined) throw new Error(`${wanted.title}: there is nothing to send`);
  const response = await send(server, request);
  const body = await response.text();
  if (response.status !== load.status) {
    throw new Error(`${wanted.title}: ${response.status}, not ${load.status}: ${body}`);
  }
  const type = response.headers.get("content-type");
  return {
    method: request.method,
    route: route ?? request.path,
    bodyComponent: bodyComponent ?? null,
    status: response.status,
    headers: {
      ...(type === null ? {} : { "content-type": type }),
      // The head is as long as ours, too: the load generator reads every byte of it.
      [PADDING]: "-".repeat(Math.max(0, headBytes(response.headers) - PADDING.length - 4)),
    },
    body,
  };
}

const PADDING = "x-padding";
/** What a bare server sends by itself, or is told to. */
const SENT_ANYWAY = new Set([
  "connection",
  "content-length",
  "content-type",
  "date",
  "keep-alive",
  "transfer-encoding",
]);

/** How long the headers are that a bare server would not send. */
function headBytes(headers: Headers): number {
  return [...headers]
    .filter(([name]) => !SENT_ANYWAY.has(name))
    .reduce((bytes, [name, value]) => bytes + name.length + value.length + 4, 0);
}

/** One request of a load, sent by this process. */
export function send({ url }: RunningServer, request: LoadRequest): Promise<Response> {
  return fetch(`${url}${request.path}`, {
    method: request.method,
    headers: {
      ...request.headers,
      ...(request.body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  });
}
