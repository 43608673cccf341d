/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** The only source of time in the server. The database dates effects itself, shifted by `shiftMs`. */
export interface Clock {
  now(): EpochMs;
  /** How far this clock is ahead of real time. 0 in production. */
  readonly shiftMs: number;
}

export const systemClock: Clock = { now: () => Date.now(), shiftMs: 0 };

/** A clock that tests move forward, never back. It keeps running between moves. */
export class TestClock implements Clock {
  shiftMs = 0;

  now(): EpochMs {
    return Date.now() + this.shiftMs;
  }

  advance(milliseconds: number): void {
    this.shiftMs += milliseconds;
  }
}
