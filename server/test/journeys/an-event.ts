import type { BodyOf, Tessera } from "@tessera/sdk";

/** A published event as its organizer has it: two slots of ten places, one free ticket type. */
export interface AnEvent {
  readonly id: string;
  readonly token: string;
  readonly first: string;
  readonly second: string;
  /** What is left of a slot, as anybody sees it. */
  left(slotId: string): Promise<number>;
  /** Places of a slot, as a line of a reservation. */
  places(slotId: string, quantity: number): { slot_id: string; quantity: number };
  /** True when what is held and sold equals the ledger in every pool of both slots. */
  addsUp(): Promise<boolean>;
}

export const CAPACITY = 10;

/** Makes it through the API, as anybody may. */
export async function anEvent(
  client: Tessera,
  overrides: Partial<BodyOf<"createEvent">> = {},
): Promise<AnEvent> {
  const {
    id,
    event_token: token,
    slots,
  } = await client.events.create({
    name: "Night at the museum",
    time_zone: "Europe/Prague",
    hold_seconds: 600,
    hold_life_max_seconds: 1200,
    publish: true,
    slots: [
      { starts_at: "2090-06-15T19:00", ends_at: "2090-06-15T19:30", capacity: CAPACITY },
      { starts_at: "2090-06-15T20:00", ends_at: "2090-06-15T20:30", capacity: CAPACITY },
    ],
    ...overrides,
  });
  const [first, second] = slots.map((slot) => slot.id);
  if (first === undefined || second === undefined) throw new Error("a slot is missing");
  if (token === undefined) throw new Error("an anonymous event has a token");
  return {
    id,
    token,
    first,
    second,
    left: async (slotId) => {
      const now = await client.availability.read(id);
      return now.slots.find((slot) => slot.id === slotId)?.available ?? Number.NaN;
    },
    places: (slot_id, quantity) => ({ slot_id, quantity }),
    addsUp: async () => {
      const proofs = [first, second].map((slotId) => client.slots.proof(slotId, { token }));
      const pools = (await Promise.all(proofs)).flatMap((proof) => proof.pools);
      return pools.length > 0 && pools.every((pool) => pool.adds_up);
    },
  };
}
