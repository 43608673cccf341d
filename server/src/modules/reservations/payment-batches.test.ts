import { test } from "node:test";
import { type BatchTable, checkBatches } from "./testing-batches.ts";

// What payments ask of the ledger. How the tables are written: testing-batches.ts.

const TABLES: readonly BatchTable[] = [
  [
    "a hold that waits for a payment ends later, and nobody gets its places meanwhile",
    { P1: 1 },
    `
    hold R1 P1:1 paid       done
    await_payment R1 S1800 ! stale
    ---
    await_payment R1 S1800  done
    ---
    await_payment R1 S9000  unchanged
    +700
    hold R2 P1:1 paid       sold_out
    expire R1               not_due
    ---
    confirm R1              payment_required
    ---
    confirm R1 !            done
    ---
    await_payment R1        reservation_confirmed
    ---
    payment_failed R1       unchanged
    `,
  ],
  [
    "a payment that fails gives the hold its own end back",
    { P1: 1 },
    `
    hold R1 P1:1 paid       done
    await_payment R1 S1800  done
    ---
    payment_failed R1       done
    ---
    payment_failed R1       unchanged
    +599
    hold R2 P1:1 paid       sold_out
    +2
    hold R3 P1:1 paid       done
    confirm R1 !            reservation_expired
    `,
  ],
  [
    "whoever concludes a failed payment late does not end the wait of the next one",
    { P1: 1 },
    `
    hold R1 P1:1 paid       done
    await_payment R1 S1800  done
    ---
    payment_failed R1 V2    done
    ---
    await_payment R1 S1800  done
    +601
    payment_failed R1 V2    stale
    hold R2 P1:1 paid       sold_out
    payment_failed R1 V4    done
    `,
  ],
  [
    "a payment that fails after the hold's own end ends it",
    { P1: 1 },
    `
    hold R1 P1:1 paid       done
    await_payment R1 S1800  done
    +601
    payment_failed R1       done
    hold R2 P1:1 paid       done
    confirm R1 !            reservation_expired
    payment_failed R2       unchanged
    `,
  ],
  [
    "the wait is bounded: after it the hold is one that has expired",
    { P1: 1 },
    `
    hold R1 P1:1 paid       done
    await_payment R1 S1800  done
    +1801
    hold R2 P1:1 paid       done
    confirm R1 !            reservation_expired
    payment_failed R2       unchanged
    `,
  ],
  [
    "what waits for a payment is not extended, exchanged, released or cancelled, but may get another holder",
    { P1: 2 },
    `
    hold R1 P1:1 paid       done
    await_payment R1 S1800  done
    ---
    extend R1               payment_in_progress
    ---
    exchange R1 P1:2 paid   payment_in_progress
    ---
    release R1              payment_in_progress
    ---
    cancel R1               reservation_not_confirmed
    ---
    transfer R1             done
    ---
    await_payment R1        unchanged
    +601
    confirm R1 !            done
    `,
  ],
  [
    "cancelling an event ends what waits for a payment",
    { P1: 1 },
    `
    hold R1 P1:1 paid       done
    await_payment R1 S1800  done
    ---
    revoke R1               done
    hold R2 P1:1 paid       done
    confirm R1 !            reservation_cancelled
    ---
    payment_failed R1       unchanged
    ---
    give_up R1              unchanged
    `,
  ],
  [
    "a payment that comes too late takes the places again if there are any",
    { P1: 1 },
    `
    hold R1 P1:1 paid       done
    give_up R1              reservation_not_expired
    ---
    reclaim R1 P1:1 paid !  reservation_not_expired
    +601
    reclaim R1 P1:1 paid    payment_required
    ---
    reclaim R1 P1:1 paid !  done
    hold R2 P1:1 paid       sold_out
    reclaim R1 P1:1 paid !  unchanged
    ---
    offer_alternatives R1   reservation_confirmed
    ---
    give_up R1              reservation_confirmed
    `,
  ],
  [
    "without places other slots are offered for a while, and taken once",
    { P1: 1, P2: 1 },
    `
    hold R1 P1:1 paid       done
    +601
    hold R2 P1:1 paid       done
    accept_alternative R1 P2:1 paid reservation_expired
    ---
    reclaim R1 P1:1 paid !  sold_out
    ---
    offer_alternatives R1 S3600 done
    ---
    offer_alternatives R1 S3600 unchanged
    ---
    accept_alternative R1 P2:2 paid payment_required
    ---
    accept_alternative R1 P2:1 paid done
    hold R3 P2:1 paid       sold_out
    accept_alternative R1 P2:1 paid unchanged
    ---
    give_up R1              reservation_confirmed
    `,
  ],
  [
    "nothing is had for a hold that has ended and was not paid for, whether or not anybody has tidied",
    { P1: 1, P2: 1 },
    `
    hold R1 P1:1 paid       done
    +601
    accept_alternative R1 P2:1 paid reservation_expired
    ---
    expire R1               done
    ---
    accept_alternative R1 P2:1 paid reservation_expired
    ---
    hold R2 P1:1,P2:1 free  done
    `,
  ],
  [
    "what was reckoned from an entry that is not the last one is stale, whatever is asked, and nothing is noted of it",
    { P1: 1 },
    `
    hold R1 P1:1 free       done
    release R1 V9           stale
    ---
    release R1 V9 K1        stale
    ---
    confirm R1 K1           done
    ---
    cancel R1 V1 K2         stale
    ---
    cancel R1 V2 K2         done
    ---
    cancel R1 V2            unchanged
    `,
  ],
  [
    "what is given up, its offer over, is never taken again",
    { P1: 1, P2: 1 },
    `
    hold R1 P1:1 paid       done
    +601
    hold R2 P1:1 paid       done
    offer_alternatives R1 S3600 done
    +3601
    accept_alternative R1 P2:1 paid reservation_expired
    ---
    give_up R1              done
    ---
    give_up R1              unchanged
    ---
    accept_alternative R1 P2:1 paid reservation_cancelled
    ---
    reclaim R1 P2:1 paid !  reservation_cancelled
    `,
  ],
  [
    "for something dearer only what is lacking is held, the old places are kept, and both become the new ones",
    { P1: 1, P2: 2 },
    `
    hold R1 P1:1 free !     done
    hold R2 P2:2 paid       done
    await_exchange R1 @R2 V1 done
    ---
    hold R3 P2:1 free       sold_out
    hold R3 P1:1 free       sold_out
    exchange R1 P2:2 paid   payment_required
    ---
    exchange R1 P2:2 paid @R2 !  done
    hold R3 P1:1 free       done
    hold R4 P2:1 free       sold_out
    confirm R2 !            reservation_released
    ---
    exchange R1 P2:2 paid @R2 !  exchange_dropped
    `,
  ],
  [
    "an exchange that is not paid in time leaves the old places as they are",
    { P1: 1, P2: 1 },
    `
    hold R1 P1:1 free !     done
    hold R2 P2:1 paid       done
    await_exchange R1 @R2 V9 stale
    ---
    await_exchange R1 @R2 V1 done
    +601
    hold R3 P2:1 free       done
    exchange R1 P2:1 paid @R2 !  sold_out
    ---
    drop_exchange R1 @R2    done
    ---
    drop_exchange R1 @R2    exchange_dropped
    ---
    release R3              done
    ---
    hold R4 P2:1 free       done
    hold R5 P1:1 free       sold_out
    `,
  ],
  [
    "an exchange whose hold has expired takes the places again if there are any",
    { P1: 1, P2: 1 },
    `
    hold R1 P1:1 free !     done
    hold R2 P2:1 paid       done
    await_exchange R1 @R2   done
    +601
    exchange R1 P2:1 paid @R2 !  done
    hold R3 P1:1 free       done
    hold R4 P2:1 free       sold_out
    `,
  ],
  [
    "single tickets are taken back, and the others stay as they are",
    { P1: 3 },
    `
    hold R1 P1:3 paid       done
    return_tickets R1 P1:2 paid T1 reservation_not_confirmed
    ---
    confirm R1 !            done
    ---
    return_tickets R1 P1:2 paid T1 V1 stale
    ---
    return_tickets R1 P1:1 paid T1 T3 V2 done
    hold R2 P1:3 free       sold_out
    hold R3 P1:2 free       done
    transfer R1             done
    ---
    cancel R1               done
    ---
    return_tickets R1 P1:1 paid T2 reservation_cancelled
    `,
  ],
  [
    "another exchange and cancelling drop the one that waits",
    { P1: 1, P2: 2, P3: 1 },
    `
    hold R1 P1:1 free !     done
    hold R2 P2:1 paid       done
    await_exchange R1 @R2   done
    ---
    exchange R1 P3:1 free   done
    ---
    exchange R1 P2:1 paid @R2 !  exchange_dropped
    ---
    await_exchange R1 @R2   done
    ---
    transfer R1             done
    ---
    drop_exchange R1 @R2    done
    ---
    confirm R2 !            reservation_released
    hold R3 P2:2 free       done
    cancel R1               done
    ---
    await_exchange R1 @R2   reservation_cancelled
    `,
  ],
];

for (const table of TABLES) {
  test(table[0], (t) => checkBatches(t, table));
}
