import type { Settings } from "./call.ts";
import type { Ask } from "./client.ts";
import type { EventDoorCounts } from "./generated.ts";
import type { BodyOf, CallOptions, QueryOf } from "./operations.ts";
import { type WatchOptions, watchStream } from "./watch-stream.ts";

/** Letting people in, with a door pass or whatever else has the permission. */
export const doorCalls = (ask: Ask, settings: Settings) => ({
  /** What the door pass that is sent opens. */
  pass: (options?: CallOptions) => ask("readDoorPass", { ...options }),

  /** Presents one code. Sent again under the same `nonce` it is answered the same, and counted once. */
  redeem: (body: BodyOf<"redeem">, options?: CallOptions) => ask("redeem", { body, ...options }),

  /** Reports what a gate without a network decided: up to 10,000 scans, in any order, as often as need be. */
  sync: (body: BodyOf<"reportScans">, options?: CallOptions) =>
    ask("reportScans", { body, ...options }),

  /** What a gate has to know to decide by itself; after a cursor, what is new since. */
  data: (eventId: string, query?: QueryOf<"readDoor">, options?: CallOptions) =>
    ask("readDoor", { path: { id: eventId }, query, ...options }),

  counts: (eventId: string, options?: CallOptions) =>
    ask("readDoorCounts", { path: { id: eventId }, ...options }),

  /** The counts, now and as they change, over broken connections; until the signal or `break`. */
  watchCounts: (eventId: string, watchOptions?: WatchOptions) =>
    watchStream<EventDoorCounts>(
      settings,
      { operationId: "streamDoorCounts", messages: "counts", eventId },
      watchOptions,
    ),
});
