import type { EpochMs } from "./clock.ts";

/** Things read from somewhere slow, kept in memory while they are wanted and true. */
export interface SingleFlightCache<Key, Value> {
  /** What is kept, or what loading gives: once, however many ask meanwhile. Null is not kept. */
  get(key: Key): Promise<Value | null>;
  /** What `get` would give without loading; null where it would load. */
  peek(key: Key): Value | null;
  /** What is being loaded at this moment is not kept either. */
  forget(key: Key): void;
  forgetAll(): void;
}

export interface SingleFlightCacheOptions<Key, Value> {
  /** `known` is what is kept but past its age: to be given back when it is still true. */
  readonly load: (key: Key, known: Value | null) => Promise<Value | null>;
  readonly weightOf: (value: Value) => number;
  /** All that is kept weighs at most so much, a single thing aside; what was asked for longest ago goes first. */
  readonly weightMax: number;
  /** Asked again after so long, in case that somebody forgot to tell. */
  readonly ageMsMax: number;
  readonly now: () => EpochMs;
  /** Told of everything that is kept no longer, to undo what `load` may have noted beside it. */
  readonly onDropped?: (value: Value) => void;
}

interface Entry<Value> {
  readonly value: Value;
  readonly at: EpochMs;
}

export function createSingleFlightCache<Key, Value>(
  options: SingleFlightCacheOptions<Key, Value>,
): SingleFlightCache<Key, Value> {
  const { load, weightOf, weightMax, ageMsMax, now, onDropped } = options;
  const kept = new Map<Key, Entry<Value>>(); // in the order of their last use
  const flights = new Map<Key, Promise<Value | null>>();
  let weight = 0;

  const drop = (key: Key): void => {
    const entry = kept.get(key);
    if (entry === undefined) return;
    kept.delete(key);
    weight -= weightOf(entry.value);
    onDropped?.(entry.value);
  };

  const keep = (key: Key, value: Value, at: EpochMs): void => {
    const known = kept.get(key);
    if (known !== undefined && known.value !== value) drop(key);
    else if (known !== undefined) kept.delete(key);
    if (known?.value !== value) weight += weightOf(value);
    kept.set(key, { value, at });
    for (const oldest of kept.keys()) {
      if (weight <= weightMax || oldest === key) break;
      drop(oldest);
    }
  };

  const fly = (key: Key): Promise<Value | null> => {
    const at = now();
    const flight = load(key, kept.get(key)?.value ?? null)
      .then((value) => {
        // Whoever forgot the key meanwhile has put this flight away: its value may be old.
        if (flights.get(key) !== flight) return value;
        if (value === null) drop(key);
        else keep(key, value, at);
        return value;
      })
      .finally(() => {
        if (flights.get(key) === flight) flights.delete(key);
      });
    flights.set(key, flight);
    return flight;
  };

  const young = (key: Key): Entry<Value> | null => {
    const entry = kept.get(key);
    return entry === undefined || now() - entry.at >= ageMsMax ? null : entry;
  };

  return {
    peek: (key) => young(key)?.value ?? null,
    get: (key) => {
      const entry = young(key);
      if (entry === null) return flights.get(key) ?? fly(key);
      kept.delete(key);
      kept.set(key, entry);
      return Promise.resolve(entry.value);
    },
    forget: (key) => {
      drop(key);
      flights.delete(key);
    },
    forgetAll: () => {
      for (const key of [...kept.keys()]) drop(key);
      flights.clear();
    },
  };
}
