import type { Transaction } from "#platform/database/database.ts";
import type { Id } from "#platform/id.ts";
import type { EventState } from "./event.ts";

/**
 * What the catalogue needs of whoever sells: the catalogue says which pools there are, the other side keeps
 * their counters. Declared here and implemented above, so that the arrow points down.
 */
export interface SalesPort {
  /**
   * Called inside the catalogue's transaction after its rows changed. Answers the pools that cannot take
   * their new capacity; then nothing of the change was applied, and the catalogue refuses and rolls back.
   */
  change(transaction: Transaction, change: SalesChange): Promise<readonly CapacityRefusal[]>;
  /** Called after the commit of such a transaction: what follows outside of it. */
  changed(eventId: Id<"evt">, state: EventState): Promise<void>;
  /** What is left now, expired holds left out. Served from memory, a bounded time old, own changes at once. */
  availabilityOf(eventId: Id<"evt">): Promise<Availability>;
}

export interface SalesChange {
  readonly eventId: Id<"evt">;
  /** The event's new revision: requests priced with an earlier one are stale from now on. */
  readonly revision: number;
  readonly state: EventState;
  /** Pools to open or to resize. */
  readonly pools: readonly PoolChange[];
  /** Pools to remove. Refused while anything of them is held or sold. */
  readonly closed: readonly string[];
}

export interface PoolChange {
  readonly poolId: string;
  /** Null for a ticket type's pool over all slots. */
  readonly slotId: Id<"slt"> | null;
  /** Null for a slot's pool. */
  readonly ticketTypeId: Id<"tty"> | null;
  readonly capacity: number;
}

/** A pool in which more is held and sold than the change allows. A removed pool's capacity is 0. */
export interface CapacityRefusal {
  readonly poolId: string;
  readonly capacity: number;
  readonly held: number;
  readonly sold: number;
}

export interface Availability {
  /** Equal for equal numbers, in every process. */
  readonly version: string;
  pool(poolId: string): { readonly capacity: number; readonly available: number } | undefined;
}
