/** Where a provider that has no server of its own keeps what it knows: values that survive as JSON. */
export interface RecordStore<Value> {
  read(key: string): Promise<Value | undefined>;
  /** Replaces a value in one step and answers the new one. `change` may be called again when another came between. */
  change(key: string, change: (before: Value | undefined) => Value): Promise<Value>;
}

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
