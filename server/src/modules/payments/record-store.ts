import type { EpochMs } from "#platform/clock.ts";

/** Where a provider that has no server of its own keeps what it knows: values that survive as JSON. */
export interface RecordStore<Value> {
  read(key: string): Promise<Value | undefined>;
  /** Replaces a value in one step and answers the new one. `change` may be called again when another came between. */
  change(key: string, change: (before: Value | undefined) => Value): Promise<Value>;
}

/** Something that waits until its time, and survives as JSON. */
export interface Waiting {
  readonly at: EpochMs;
}

/** What waits to be handed out, once each. It does not grow when nobody takes: then the oldest are lost. */
export interface RecordQueue<Value extends Waiting> {
  /** Keys of later values sort after those of earlier ones. */
  add(key: string, value: Value): Promise<void>;
  /** Hands out what is due at that time, the oldest first: at most `TAKEN_AT_ONCE_MAX`, the rest to the next call. */
  take(due: EpochMs): Promise<readonly Value[]>;
}

/** How many values a queue keeps. */
export const QUEUED_MAX = 10_000;

export const TAKEN_AT_ONCE_MAX = 1_000;

/** Kept for as long as the process lives. */
export function createMapStore<Value>(): RecordStore<Value> {
  const values = new Map<string, Value>();
  return {
    read: async (key) => values.get(key),
    async change(key, change) {
      const after = change(values.get(key));
      values.set(key, after);
      return after;
    },
  };
}

/** Kept for as long as the process lives. */
export function createMapQueue<Value extends Waiting>(): RecordQueue<Value> {
  const values = new Map<string, Value>();
  return {
    async add(key, value) {
      values.set(key, value);
      const [oldest] = values.keys();
      if (values.size > QUEUED_MAX && oldest !== undefined) values.delete(oldest);
    },
    async take(due) {
      const taken = [...values].filter(([, { at }]) => at <= due).slice(0, TAKEN_AT_ONCE_MAX);
      for (const [key] of taken) values.delete(key);
      return taken.map(([, value]) => value);
    },
  };
}
