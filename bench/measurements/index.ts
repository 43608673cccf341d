import type { Measurement } from "../measurement.ts";
import { againstNaive } from "./against-naive.ts";
import { availability } from "./availability.ts";
import { exchange } from "./exchange.ts";
import { fullDatabase } from "./full-database.ts";
import { hold } from "./hold.ts";
import { holdAndConfirm } from "./hold-and-confirm.ts";
import { listOfEvents } from "./list-events.ts";
import { manySlots } from "./many-slots.ts";
import { overload } from "./overload.ts";
import { readReservation } from "./read-reservation.ts";
import { redemptions } from "./redemptions.ts";
import { soldOut } from "./sold-out.ts";
import { twoPools } from "./two-pools.ts";
import { twoProcesses } from "./two-processes.ts";

/** All of them, in the order of the contract; the overload after it. */
export const MEASUREMENTS: readonly Measurement[] = [
  hold,
  holdAndConfirm,
  manySlots,
  twoPools,
  soldOut,
  exchange,
  availability,
  listOfEvents,
  readReservation,
  fullDatabase,
  twoProcesses,
  againstNaive,
  overload,
  redemptions,
];
