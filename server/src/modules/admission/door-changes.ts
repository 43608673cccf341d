import type { Bus } from "#platform/bus/bus.ts";
import type { Id } from "#platform/id.ts";

/** Where it is told that something was presented at the doors of an event, in all processes. */
export interface DoorChanges {
  /** To be called once a batch, after its commit. Costs a look into a map and at most one message in 20 ms. */
  changed(eventId: Id<"evt">): void;
  /** Calls back after each change of an event, in whichever process; null: of any event, maybe. Until told to stop. */
  watch(onChange: (eventId: Id<"evt"> | null) => void): () => void;
}

const CHANNEL = "door";

export async function createDoorChanges({ bus }: { readonly bus: Bus }): Promise<DoorChanges> {
  const watchers = new Set<(eventId: Id<"evt"> | null) => void>();
  const tell = (eventId: Id<"evt"> | null) => {
    for (const onChange of watchers) onChange(eventId);
  };
  await bus.subscribe(
    CHANNEL,
    (eventId) => tell(eventId as Id<"evt">),
    () => tell(null),
  );
  return {
    changed: (eventId) => {
      tell(eventId);
      void bus.publish(CHANNEL, eventId);
    },
    watch: (onChange) => {
      watchers.add(onChange);
      return () => watchers.delete(onChange);
    },
  };
}
