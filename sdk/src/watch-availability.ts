import { type Settings, toFetch } from "./call.ts";
import type { Availability } from "./generated.ts";
import type { CallOptions } from "./operations.ts";
import { problemOf, TesseraProblem } from "./problem.ts";
import { backoff, waitAfter } from "./retry.ts";
import { serverSentEvents } from "./server-sent-events.ts";

export type WatchOptions = Pick<CallOptions, "token" | "signal">;

/** The server says something at least every 15 s; a connection that is silent for longer is dead. */
const SILENCE_MS_MAX = 45_000;

/**
 * What is left of an event: now, and again at every change. Goes on over broken connections and
 * overload, without an end; what was missed meanwhile is in the next picture. Ends quietly when the
 * signal is aborted.
 *
 * @throws `TesseraProblem` when the server refuses, as it does where there is no such event.
 */
export async function* watchAvailability(
  settings: Settings,
  eventId: string,
  options: WatchOptions = {},
): AsyncGenerator<Availability> {
  const { signal } = options;
  const { url, init } = toFetch(settings, "streamAvailability", {
    ...options,
    path: { id: eventId },
  });
  let failures = 0;
  while (signal?.aborted !== true) {
    let wait = backoff(failures);
    try {
      for await (const picture of oneConnection(settings, url, {
        ...init,
        signal: signal ?? null,
      })) {
        failures = 0;
        yield picture;
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
): AsyncGenerator<Availability> {
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
    for await (const { event, data } of serverSentEvents(response.body, heard)) {
      if (event === "availability") yield JSON.parse(data) as Availability;
    }
  } finally {
    clearTimeout(silence);
    connection.abort();
  }
}
