// What the stock must do, without a database: small enough to be seen to be right. Time is in seconds since the
// beginning of a history; all durations are chosen so that the real seconds a run takes never decide anything.

export const CAPACITY = 6;
export const HOLD_SECONDS = 1000;
export const HOLD_LIFE_MAX_SECONDS = 1950;
/** The clock moves by multiples of this. */
export const STEP_SECONDS = 300;
export const SLOTS = 2;

export type Change = "confirm" | "extend" | "release" | "cancel" | "transfer";

export interface ModelReservation {
  state: "held" | "confirmed" | "released" | "expired" | "cancelled";
  slot: number;
  quantity: number;
  expiresAt: number;
  endsBy: number;
}

/** What a request is answered: a status, and the code of a problem or the state of the reservation. */
export interface Expected {
  readonly status: number;
  readonly word: string;
}

const REFUSED: Record<"released" | "expired" | "cancelled", Expected> = {
  released: { status: 409, word: "reservation_released" },
  expired: { status: 410, word: "reservation_expired" },
  cancelled: { status: 409, word: "reservation_cancelled" },
};

export class Model {
  now = 0;
  readonly reservations: ModelReservation[] = [];

  free(slot: number): number {
    const taken = this.reservations
      .filter((one) => one.slot === slot && (one.state === "held" || one.state === "confirmed"))
      .reduce((sum, one) => sum + one.quantity, 0);
    return CAPACITY - taken;
  }

  advance(seconds: number): void {
    this.now += seconds;
    for (const one of this.reservations) {
      if (one.state === "held" && one.expiresAt <= this.now) one.state = "expired";
    }
  }

  reserve(slot: number, quantity: number, confirm: boolean): Expected {
    if (quantity > this.free(slot)) return { status: 409, word: "sold_out" };
    const state = confirm ? "confirmed" : "held";
    this.reservations.push({
      state,
      slot,
      quantity,
      expiresAt: this.now + HOLD_SECONDS,
      endsBy: this.now + HOLD_LIFE_MAX_SECONDS,
    });
    return { status: 201, word: state };
  }

  exchange(one: ModelReservation, slot: number, quantity: number): Expected {
    if (isOver(one.state)) return REFUSED[one.state];
    const more = slot === one.slot ? quantity - one.quantity : quantity;
    if (more > this.free(slot)) return { status: 409, word: "sold_out" };
    one.slot = slot;
    one.quantity = quantity;
    return { status: 200, word: one.state };
  }

  change(one: ModelReservation, change: Change): Expected {
    const { state } = one;
    if (change === "release" && state === "released") return { status: 200, word: "released" };
    if (change === "cancel" && state === "cancelled") return { status: 200, word: "cancelled" };
    if (isOver(state)) return REFUSED[state];
    switch (change) {
      case "confirm":
        one.state = "confirmed";
        break;
      case "extend":
        return this.#extend(one);
      case "release":
        if (state === "confirmed") return { status: 409, word: "reservation_confirmed" };
        one.state = "released";
        break;
      case "cancel":
        if (state === "held") return { status: 409, word: "reservation_not_confirmed" };
        one.state = "cancelled";
        break;
      case "transfer":
        break;
    }
    return { status: 200, word: one.state };
  }

  #extend(one: ModelReservation): Expected {
    if (one.state === "confirmed") return { status: 409, word: "reservation_confirmed" };
    if (one.expiresAt >= one.endsBy) return { status: 409, word: "hold_life_exhausted" };
    one.expiresAt = Math.max(one.expiresAt, Math.min(this.now + HOLD_SECONDS, one.endsBy));
    return { status: 200, word: "held" };
  }
}

function isOver(state: ModelReservation["state"]): state is keyof typeof REFUSED {
  return state === "released" || state === "expired" || state === "cancelled";
}
