import type { TestContext } from "node:test";

/** The next whole number below the limit. */
export type Random = (below: number) => number;

/** The seed of this run: taken from SEED, or a new one. Printed, so that the run can be had again. */
export function seedOf(t: TestContext): number {
  const seed = Number(process.env["SEED"] ?? process.hrtime.bigint() % 1_000_000n) >>> 0;
  t.diagnostic(`SEED=${seed}`);
  return seed;
}

/** The same numbers whenever it is made of the same seed. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** The same numbers on every run with the same seed. */
export function seededRandom(t: TestContext): Random {
  return randomOf(seedOf(t));
}
