// What a gate asks the server, by hand until src/generated.ts has these operations: then this file goes.

import type { CallOptions } from "./operations.ts";
import type { Reason } from "./problem.ts";

export type Direction = "in" | "out";

export type RedemptionOutcome =
  | "admitted"
  | "already_presented"
  | "wrong_slot"
  | "too_early"
  | "void"
  | "unknown"
  | "left"
  | "not_inside";

/** When and at which gate; a null gate: nobody said. */
export interface Admission {
  readonly at: string;
  readonly gate: string | null;
}

export interface NewRedemption {
  readonly code: string;
  readonly gate?: string;
  readonly nonce?: string;
  readonly at?: string;
  readonly direction?: Direction;
  readonly slot_id?: string;
  readonly event_id?: string;
}

export interface Redemption {
  readonly outcome: RedemptionOutcome;
  readonly presented_before: number;
  readonly last_presented_at: string | null;
  readonly reasons: readonly Reason[];
  readonly ticket: {
    readonly id: string;
    readonly ticket_type: { readonly id: string; readonly name: string };
    readonly slot: {
      readonly id: string;
      readonly starts_at: string;
      readonly ends_at: string;
      readonly starts_at_local: string;
    };
    readonly holder_initials: string | null;
    readonly admits: number;
  } | null;
  readonly first_admitted: Admission | null;
}

export interface Scan {
  readonly id: string;
  readonly code: string;
  readonly at: string;
  readonly gate?: string;
  readonly direction?: Direction;
  readonly slot_id?: string;
  readonly let_through?: boolean;
}

export interface NewRedemptionBatch {
  readonly event_id?: string;
  readonly gate?: string;
  readonly scans: readonly Scan[];
}

export interface ScanResult {
  readonly id: string;
  readonly outcome: RedemptionOutcome;
  readonly presented_before: number;
  readonly last_presented_at: string | null;
  readonly reasons: readonly Reason[];
  readonly ticket_id: string | null;
  readonly first_admitted: Admission | null;
  readonly surplus: boolean;
}

export interface RedemptionBatch {
  readonly results: readonly ScanResult[];
  readonly surplus: number;
}

export interface DoorCount {
  readonly expected: number;
  readonly admitted: number;
  readonly inside: number;
  readonly refused: number;
  readonly surplus: number;
  readonly presented: number;
}

export interface Door {
  readonly event_id: string;
  readonly cursor: string;
  readonly complete: boolean;
  readonly state: string;
  readonly time_zone: string;
  readonly settings: { readonly re_entry: boolean; readonly entry_opens_minutes: number };
  readonly keys: readonly {
    readonly number: number;
    readonly public_key: string;
    readonly revoked_at: string | null;
  }[];
  readonly slots: readonly {
    readonly id: string;
    readonly starts_at: string;
    readonly ends_at: string;
  }[];
  readonly ticket_types: readonly {
    readonly id: string;
    readonly name: string;
    readonly admits: number;
    readonly gates: readonly string[] | null;
  }[];
  readonly revoked: readonly string[];
  readonly admitted: readonly (Admission & {
    readonly ticket_id: string;
    readonly times: number;
    readonly inside: number;
  })[];
  readonly counts: DoorCount;
}

export interface DoorCounts {
  readonly event_id: string;
  readonly total: DoorCount;
  readonly slots: readonly (DoorCount & { readonly id: string })[];
  readonly ticket_types: readonly (DoorCount & { readonly id: string })[];
  readonly gates: readonly (Omit<DoorCount, "expected"> & { readonly gate: string | null })[];
}

export const doorRoutes = {
  redeem: { method: "POST", path: "/v1/redemptions" },
  redeemBatch: { method: "POST", path: "/v1/redemptions/batch" },
  readDoor: { method: "GET", path: "/v1/events/{id}/door" },
  readDoorCounts: { method: "GET", path: "/v1/events/{id}/door/counts" },
  streamDoorCounts: { method: "GET", path: "/v1/events/{id}/door/counts/stream" },
} as const;

/** What `Ask` is for the other operations. */
export interface AskDoor {
  (id: "redeem", request: { readonly body: NewRedemption } & CallOptions): Promise<Redemption>;
  (
    id: "redeemBatch",
    request: { readonly body: NewRedemptionBatch } & CallOptions,
  ): Promise<RedemptionBatch>;
  (
    id: "readDoor",
    request: {
      readonly path: { readonly id: string };
      readonly query?: { readonly after?: string | undefined } | undefined;
    } & CallOptions,
  ): Promise<Door>;
  (
    id: "readDoorCounts",
    request: { readonly path: { readonly id: string } } & CallOptions,
  ): Promise<DoorCounts>;
}
