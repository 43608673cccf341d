import { randomUUID } from "node:crypto";
import {
  createOfflineGate,
  type GateStorage,
  type OfflineGate,
  type OfflineGateOptions,
} from "../src/index.ts";
import type { DoorDouble } from "./door-double.ts";
import { published, vectors } from "./published-codes.ts";

/** What survives a reload: copies, as a browser makes them. */
export function storage(): GateStorage & { readonly entries: Map<string, unknown> } {
  const entries = new Map<string, unknown>();
  return {
    entries,
    load: async () => structuredClone(entries),
    save: async (changes) => {
      for (const [key, value] of structuredClone(changes)) {
        if (value === undefined) entries.delete(key);
        else entries.set(key, value);
      }
    },
  };
}

/** A clock that moves on by a second whenever it is read. */
export function clockAt(text: string): { now(): number } {
  let at = Date.parse(text);
  return {
    now: () => {
      at += 1_000;
      return at;
    },
  };
}

/** A gate in the time of the published tickets, which has heard of everything. */
export async function aGate(
  door: DoorDouble,
  options: Partial<OfflineGateOptions> = {},
): Promise<OfflineGate> {
  const gate = await createOfflineGate({
    eventId: vectors.event_id,
    gate: "North door",
    server: door.server,
    storage: storage(),
    clock: clockAt(published("a ticket").starts_at),
    newId: randomUUID,
    ...options,
  });
  if (door.network === "up") await gate.sync();
  return gate;
}
