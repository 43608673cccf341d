import { test } from "node:test";
import { checkRedemptions, type RedemptionTable } from "./testing-redemptions.ts";

const ONCE = { reEntry: false };
const AGAIN = { reEntry: true };

// The header of sql/redeem_batch.sql is the contract.
const TABLES: readonly RedemptionTable[] = [
  [
    "a ticket lets in once, and says how often it was presented and where it let in",
    ONCE,
    `
    T1 North -> admitted
    T2 North -> admitted
    ---
    T1 South -> already_presented already_admitted 1x by North
    T3 South -> admitted
    ---
    T1 North -> already_presented already_admitted 2x by North
    `,
  ],
  [
    "a ticket for three lets in three times",
    ONCE,
    `
    F1 North -> admitted
    ---
    F1 South -> admitted 1x
    ---
    F1 South -> admitted 2x
    ---
    F1 North -> already_presented already_admitted 3x by North
    `,
  ],
  [
    "outcomes come in their order: unknown, void, wrong slot, too early, presented before",
    ONCE,
    `
    X North -> unknown malformed
    Z1 North !wrong_gate -> unknown no_such_ticket
    V1 North !wrong_gate -> void ticket_revoked
    T1 North !wrong_gate -> wrong_slot wrong_gate
    T2 North -60 !other_slot -> wrong_slot other_slot
    T3 North -60 -> too_early
    T4 North !key_revoked -> void key_revoked
    ---
    T3 North -> admitted 1x
    T1 North -> admitted 1x
    T2 North -> admitted 1x
    +3600
    T3 North -> wrong_slot over 2x
    F1 North -> wrong_slot over
    V1 North -> void ticket_revoked 1x
    `,
  ],
  [
    "what was refused does not use a ticket, and is counted among its presentations",
    ONCE,
    `
    T1 North !wrong_gate -> wrong_slot wrong_gate
    ---
    T1 South -> admitted 1x
    ---
    T1 South -> already_presented already_admitted 2x by South
    `,
  ],
  [
    "a presentation told again gets its first answer and is counted once",
    ONCE,
    `
    T1 North #1 -> admitted
    X North #2 -> unknown malformed
    Z1 North #3 -> unknown no_such_ticket
    ---
    T1 North #4 -> already_presented already_admitted 1x by North
    ---
    T1 North #1 -> admitted again
    X North #2 -> unknown malformed again
    Z1 North #3 -> unknown no_such_ticket again
    ---
    T1 North #4 -> already_presented already_admitted 1x by North again
    `,
  ],
  [
    "the name of a presentation is not taken for another code, and lets nobody in",
    ONCE,
    `
    T1 North #1 -> admitted
    ---
    T2 North #1 -> unknown nonce_reused
    X North #1 -> unknown nonce_reused
    ---
    T2 North #2 -> admitted
    `,
  ],
  [
    "of presentations told afterwards the earliest has the admission, in whatever order they come",
    ONCE,
    `
    +600
    T1 North #1 -300 let -> admitted
    ---
    T1 South #2 -400 let -> admitted 1x
    ---
    T1 West #3 -350 let -> already_presented already_admitted 2x by South surplus
    ---
    T1 North #1 -300 let -> admitted by South surplus again
    T2 North -> admitted
    ---
    T2 South #4 -10 let -> admitted 1x
    T3 South #5 -10 let -> admitted
    ---
    T3 North #6 -20 refused -> already_presented already_admitted 1x by South
    `,
  ],
  [
    "a gate without a network that refused somebody has let nobody in",
    ONCE,
    `
    T1 North #1 refused -> already_presented already_admitted
    ---
    T1 North #2 -> admitted 1x
    `,
  ],
  [
    "what a gate let in that could not know better is surplus, not an admission",
    ONCE,
    `
    V1 North #1 let -> void ticket_revoked surplus
    T1 North #2 let !wrong_gate -> wrong_slot wrong_gate surplus
    Z1 North #3 let -> unknown no_such_ticket surplus
    ---
    V1 North #1 let -> void ticket_revoked surplus again
    ---
    T1 North -> admitted 1x
    `,
  ],
  [
    "later than now is now",
    ONCE,
    `
    T1 North -> admitted
    +3500
    T2 North #1 --500 let -> admitted
    `,
  ],
  [
    "where people may come in again, a ticket lets in whoever has left",
    AGAIN,
    `
    T1 North -> admitted
    F1 North -> admitted
    ---
    T1 South -> already_presented already_admitted 1x by North
    F1 South -> admitted 1x
    ---
    T1 South out -> left 2x
    ---
    T1 South out -> not_inside 3x
    ---
    T1 North -> admitted 4x
    ---
    T1 South -> already_presented already_admitted 5x by North
    `,
  ],
  [
    "where people may not come in again, leaving is counted and opens nothing",
    ONCE,
    `
    T1 North -> admitted
    T2 North out -> not_inside
    X North out -> unknown malformed
    ---
    T1 South out -> left 1x
    ---
    T1 South -> already_presented already_admitted 2x by North
    `,
  ],
  [
    "whoever is inside may leave with a ticket that has become void, at any gate and time",
    ONCE,
    `
    T1 North -> admitted
    +4000
    T1 South out !wrong_gate -> left 1x
    `,
  ],
];

for (const table of TABLES) test(table[0], (t) => checkRedemptions(t, table));
