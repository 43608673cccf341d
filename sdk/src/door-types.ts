// What gates ask that src/generated.ts does not have yet: when it does, this file goes.

import type { Redemption } from "./generated.ts";
import type { CallOptions } from "./operations.ts";

export type Direction = "in" | "out";
export type RedemptionOutcome = Redemption["outcome"];

/** When and at which gate; a null gate: nobody said. */
export interface Admission {
  readonly at: string;
  readonly gate: string | null;
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
  readDoor: { method: "GET", path: "/v1/events/{id}/door" },
  readDoorCounts: { method: "GET", path: "/v1/events/{id}/door/counts" },
  streamDoorCounts: { method: "GET", path: "/v1/events/{id}/door/counts/stream" },
} as const;

/** What `Ask` is for the other operations. */
export interface AskDoor {
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
