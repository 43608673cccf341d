import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { APPLY_STATUSES } from "./change-request.ts";
import { type BatchTable, checkBatches } from "./testing-batches.ts";

// How the tables are written: testing-batches.ts.

const TABLES: readonly BatchTable[] = [
  [
    "first come first served, all pools or none, and a smaller request may still be served",
    { P1: 2, P2: 5 },
    `
    hold R1 P1:1 free       done
    hold R2 P1:2 free       sold_out
    hold R3 P1:1,P2:6 free  sold_out
    hold R4 P1:1 free       done
    hold R5 P1:1 free       sold_out
    hold R6 P2:5 free       done
    hold R7 P9:1 free       stale
    `,
  ],
  [
    "what is given back in a batch is there for those behind it",
    { P1: 1 },
    `
    hold R1 P1:1 free       done
    ---
    hold R2 P1:1 free       sold_out
    release R1              done
    hold R3 P1:1 free       done
    `,
  ],
  [
    "a key has one effect and one answer, also for a refusal",
    { P1: 2 },
    `
    hold R1 P1:2 free K1    done
    hold R2 P1:1 free K2    sold_out
    ---
    hold R3 P1:2 free K1    replayed
    hold R4 P1:1 free K1'   key_reused
    ---
    release R1 K3           done
    ---
    hold R5 P1:1 free K2    replayed
    release R1 K3           replayed
    hold R6 P1:2 free       done
    `,
  ],
  [
    "confirming turns held into sold, once",
    { P1: 2 },
    `
    hold R1 P1:1 free       done
    hold R2 P1:1 paid       done
    hold R3 P1:1 free !     sold_out
    ---
    confirm R1              done
    confirm R2              payment_required
    confirm R9              reservation_not_found
    ---
    confirm R1              unchanged
    confirm R2 !            done
    ---
    release R1              reservation_confirmed
    extend R2               reservation_confirmed
    ---
    cancel R1               done
    ---
    cancel R1               unchanged
    confirm R2              unchanged
    ---
    confirm R1              reservation_cancelled
    `,
  ],
  [
    "a hold ends at its time, and its places are had at that instant",
    { P1: 1, P2: 1 },
    `
    hold R1 P1:1,P2:1 free  done
    ---
    hold R2 P1:1 free       sold_out
    expire R1               not_due
    +601
    confirm R1              reservation_expired
    hold R3 P1:1 free       done
    hold R4 P2:1 free       done
    hold R5 P2:1 free       sold_out
    ---
    expire R1               unchanged
    release R1              reservation_expired
    `,
  ],
  [
    "a hold is extended, but not past its longest life",
    { P1: 1 },
    `
    hold R1 P1:1 free       done
    +500
    extend R1               done
    +300
    confirm R2              reservation_not_found
    extend R1               hold_life_exhausted
    ---
    confirm R1              done
    `,
  ],
  [
    "an exchange gives back the old places only if it gets the new ones",
    { P1: 2, P2: 2 },
    `
    hold R1 P1:2 free !     done
    hold R2 P2:1 free       done
    ---
    exchange R1 P2:2 free   sold_out
    exchange R2 P2:2 free   done
    ---
    exchange R1 P1:1,P2:1 free sold_out
    release R2              done
    ---
    exchange R1 P1:1,P2:1 free done
    hold R3 P1:1 free       done
    hold R4 P2:1 free       done
    hold R5 P2:1 free       sold_out
    ---
    exchange R1 P1:1,P2:1 paid payment_required
    exchange R1 P2:1 paid ! done
    `,
  ],
  [
    "cancelling an event takes everything back, and an old token is told so",
    { P1: 3 },
    `
    hold R1 P1:1 free !     done
    hold R2 P1:1 free       done
    ---
    cancel R2               reservation_not_confirmed
    transfer R1             done
    ---
    cancel R1 G0            token_revoked
    ---
    revoke R1               done
    revoke R2               done
    ---
    revoke R1               unchanged
    hold R3 P1:3 free       done
    `,
  ],
];

for (const table of TABLES) {
  test(table[0], (t) => checkBatches(t, table));
}

test("every status is listed by the function, and only those", () => {
  assert.deepEqual(statusesListed("change_batch"), [...APPLY_STATUSES]);
  const ofHolds = statusesListed("hold_batch");
  assert.deepEqual(
    ofHolds,
    ["key_reused", "replayed", "stale", "again", "sold_out"],
    "besides the caller's own refusal, and held and confirmed, which are done",
  );
});

function statusesListed(name: string): (string | undefined)[] {
  const header = readFileSync(new URL(`sql/${name}.sql`, import.meta.url), "utf8");
  return [...header.matchAll(/^-- {3}([a-z_]+) {2,}/gm)].map((match) => match[1]);
}
