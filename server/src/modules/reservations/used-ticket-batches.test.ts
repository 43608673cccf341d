import { test } from "node:test";
import { type BatchTable, checkBatches } from "./testing-batches.ts";

// What a ticket that has let somebody in forbids its holder. How the tables are written: testing-batches.ts.

const TABLES: readonly BatchTable[] = [
  [
    "who was let in cannot cancel, exchange or pass on, and the data of who comes may still be amended",
    { P1: 2, P2: 3 },
    `
    hold R1 P1:2 free       done
    confirm R1              done
    used R1 T2
    cancel R1               ticket_used
    ---
    exchange R1 P2:1 free   ticket_used
    ---
    transfer R1             ticket_used
    ---
    amend R1                done
    hold R2 P2:1 paid       done
    await_exchange R1 @R2   ticket_used
    ---
    return_tickets R1 P1:1 free T2 ticket_used
    ---
    return_tickets R1 P1:1 free T1 done
    ---
    confirm R1              unchanged
    `,
  ],
  [
    "managers may take back, exchange and pass on what was used, one ticket or all, and cancel the event",
    { P1: 6, P2: 1 },
    `
    hold R1 P1:2 free       done
    hold R2 P1:1 free       done
    hold R3 P1:1 free       done
    hold R4 P1:1 free       done
    confirm R1              done
    confirm R2              done
    confirm R3              done
    confirm R4              done
    used R1 T1
    used R2 T1
    used R3 T1
    used R4 T1
    return_tickets R1 P1:1 free T1 manager done
    exchange R2 P2:1 free manager done
    transfer R3 manager     done
    revoke R4               done
    ---
    cancel R3               done
    cancel R1 manager       done
    `,
  ],
  [
    "a ticket whose admission was undone is its holder's to give up again",
    { P1: 1 },
    `
    hold R1 P1:1 free       done
    confirm R1              done
    used R1 T1
    cancel R1 K1            ticket_used
    unused R1 T1
    cancel R1 K1            replayed
    ---
    cancel R1               done
    `,
  ],
  [
    "a ticket that was used before it was replaced stands against nothing",
    { P1: 1 },
    `
    hold R1 P1:1 free       done
    confirm R1              done
    used R1 T1
    transfer R1 manager     done
    ---
    transfer R1             done
    ---
    cancel R1               done
    `,
  ],
  [
    "standing and token are told first, then that it was used, and only then what is stale or not paid for",
    { P1: 2, P2: 1 },
    `
    hold R1 P1:1 free       done
    confirm R1              done
    used R1 T1
    cancel R1 G1            token_revoked
    ---
    cancel R1 V9            ticket_used
    ---
    exchange R1 P2:1 paid   ticket_used
    ---
    release R1              reservation_confirmed
    ---
    cancel R1 manager       done
    ---
    cancel R1               unchanged
    ---
    exchange R1 P2:1 free   reservation_cancelled
    `,
  ],
  [
    "who is let in while an exchange waits to be paid keeps the old ticket; an exchange that a manager asked for is done",
    { P1: 2, P2: 2 },
    `
    hold R1 P1:1 free       done
    hold R2 P1:1 free       done
    confirm R1              done
    confirm R2              done
    hold R3 P2:1 paid       done
    hold R4 P2:1 paid       done
    used R2 T1
    await_exchange R1 @R3   done
    await_exchange R2 @R4 manager done
    used R1 T1
    exchange R1 P2:1 paid @R3 ! payment ticket_used
    exchange R2 P2:1 paid @R4 ! payment done
    ---
    drop_exchange R1 @R3 payment done
    ---
    drop_exchange R1 @R3 payment exchange_dropped
    hold R5 P2:1 free       done
    hold R6 P2:1 free       sold_out
    `,
  ],
  [
    "what was used stands only against its own reservation in a batch",
    { P1: 3 },
    `
    hold R1 P1:1 free       done
    hold R2 P1:1 free       done
    hold R3 P1:1 free       done
    confirm R1              done
    confirm R2              done
    used R1 T1
    release R3              done
    cancel R1               ticket_used
    cancel R2               done
    `,
  ],
];

for (const table of TABLES) {
  test(table[0], (t) => checkBatches(t, table));
}
