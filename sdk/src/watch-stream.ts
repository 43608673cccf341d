import { type Settings, toFetch } from "./call.ts";
import type { AnyOperationId, CallOptions } from "./operations.ts";
import { problemOf, TesseraProblem } from "./problem.ts";
import { backoff, waitAfter } from "./retry.ts";
import { type ServerSentEvent, serverSentEvents } from "./server-sent-events.ts";

export type WatchOptions = Pick<CallOptions, "token" | "signal">;

/** The server says something at least every 15 s; a connection that is silent for longer is dead. */
const SILENCE_MS_MAX = 45_000;

/** Which stream, and which of its messages are wanted. */
export interface Watched {
  readonly operationId: AnyOperationId;
  /** Each of these is a whole picture, in JSON. */
  readonly messages: string;
  readonly eventId: string;
}

/**
 * The pictures of a stream: one now, and another at every change. Goes on over broken connections and
 * overload, without an end; what was missed meanwhile is in the next picture. Ends quietly when the
 * signal is aborted.
 *
 * @throws `TesseraProblem` when the server refuses, as it does where there is no such event.
 */
export async function* watchStream<Picture>(
  settings: Settings,
  { operationId, messages, eventId }: Watched,
  options: WatchOptions = {},
): AsyncGenerator<Picture> {
  const { signal } = options;
  const { url, init } = toFetch(settings, operationId, { ...options, path: { id: eventId } });
  let failures = 0;
  while (signal?.aborted !== true) {
    let wait = backoff(failures);
    try {
      const connection = oneConnection(settings, url, { ...init, signal: signal ?? null });
      for await (const { event, data } of connection) {
        if (event !== messages) continue;
        failures = 0;
        yield JSON.parse(data) as Picture;
      }
    } catch (error) {
      if (error instanceof TesseraProblem) {
        const asked = waitAfter(error, failures);
        if (asked === null) throw error;
        wait = asked;
      }
    }
    failures++;
    await settings.delay(wait, signal).catch((error: unknown) => {
      if (signal?.aborted !== true) throw error;
    });
  }
}

async function* oneConnection(
  { fetch }: Settings,
  url: string,
  init: RequestInit,
): AsyncGenerator<ServerSentEvent> {
  const connection = new AbortController();
  const giveUp = () => connection.abort(new Error("the stream is silent"));
  let silence = setTimeout(giveUp, SILENCE_MS_MAX);
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(giveUp, SILENCE_MS_MAX);
  };
  const signals = [connection.signal, ...(init.signal ? [init.signal] : [])];
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.any(signals) });
    if (!response.ok || response.body === null) throw problemOf(response, await response.text());
    yield* serverSentEvents(response.body, heard);
  } finally {
    clearTimeout(silence);
    connection.abort();
  }
}
