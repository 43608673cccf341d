import type { CodeCheck } from "#modules/tickets/index.ts";
import { Batcher } from "#platform/batching/batcher.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { constraintOf, isConflict, isDatabaseFault } from "#platform/database/faults.ts";
import type { Id } from "#platform/id.ts";
import { createJudge } from "./judge-code.ts";
import { type Judged, nonceIdOf, redeemBatch } from "./redeem-batch.ts";
import type { Presentation, Redemption } from "./redemption.ts";

/** The gate of all gates: every presentation goes through it, coalesced. */
export interface Redeem {
  /**
   * Presents a code. It is decided, counted and written down once, however often and in however many processes
   * it is told under its nonce, and the answer is the first one. Refusals are results.
   *
   * @throws QueueFull when too many wait already.
   */
  redeem(presentation: Presentation): Promise<Redemption>;
  /** Something that is of no event that whoever presents it may let people in to. Counted by the server, not by any event. */
  refuseStray(): Redemption;
  /** Resolves when all that was accepted is finished. */
  idle(): Promise<void>;
}

/** What names a conflict that the next attempt sees. */
const TAKEN: readonly unknown[] = ["redemption_numbered_once", "redemption_of_nonce"];
/** How often a batch is sent again when another process presented one of its tickets at the same moment. */
const ATTEMPTS_MAX = 100;

export function createRedeem(options: {
  readonly database: Database;
  readonly clock: Clock;
  readonly check: CodeCheck;
  readonly limits: { readonly batchItemsMax: number; readonly queueItemsMax: number };
  /** Told after each batch, before its callers are answered. */
  readonly onRedeemed: (
    redemptions: readonly Redemption[],
    eventIds: ReadonlySet<Id<"evt">>,
  ) => void;
}): Redeem {
  const { database, clock, limits, onRedeemed } = options;
  const judge = createJudge(options.check);
  const batcher = new Batcher<Judged, Redemption>({
    ...limits,
    isElsewhere: database.isElsewhere,
    mayBeOneItem: (error) => !isDatabaseFault(error),
    namesOf: ({ code, nonceId }) => [code.ticketId, nonceId].filter((name) => name !== null),
    run: async (batch) => {
      const redemptions = await unlessTaken(() => redeemBatch(database, clock, batch));
      onRedeemed(redemptions, new Set(batch.map(({ presentation }) => presentation.event.eventId)));
      return redemptions;
    },
  });
  return {
    redeem: async (presentation) => {
      const code = await judge(presentation);
      return batcher.submit({ presentation, code, nonceId: nonceIdOf(presentation) });
    },
    refuseStray: () => {
      onRedeemed([STRAY], new Set());
      return STRAY;
    },
    idle: () => batcher.idle(),
  };
}

const STRAY: Redemption = {
  outcome: "unknown",
  reason: "no_such_ticket",
  isReplayed: false,
  presentedBefore: 0,
  lastPresentedAt: null,
  isSurplus: false,
  ticket: null,
  firstAdmitted: null,
};

/**
 * Runs a batch again when another one presented one of its tickets, or used one of its nonces, at the same
 * moment: now it is known what came of that.
 */
async function unlessTaken(run: () => Promise<Redemption[]>): Promise<Redemption[]> {
  for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!TAKEN.includes(constraintOf(error)) && !isConflict(error)) throw error;
    }
  }
  return run();
}
