import type { DoorData, NewRedemption, Redemptions } from "./generated.ts";

// What a gate knows and has done, kept so that it survives a reload: entry by entry, so that what is written with each
// scan and each increment is as small as they are.

/** Where a gate keeps what it knows: entries by key, of values that are JSON. */
export interface GateStorage {
  /** Everything that was saved and not removed. */
  load(): Promise<ReadonlyMap<string, unknown>>;
  /** Saves some entries, all or none; undefined removes one. What it resolved for survives a reload. */
  save(changes: ReadonlyMap<string, unknown>): Promise<void>;
}

export type Direction = Exclude<NewRedemption["direction"], undefined>;

/** A presentation, from its decision until the server's picture of the ticket has it. */
export interface KeptScan {
  readonly id: string;
  readonly code: string;
  readonly at: number;
  readonly direction: Direction;
  readonly slotId: string | null;
  readonly isLetThrough: boolean;
  /** Null where the code is none of the event's. */
  readonly ticketId: string | null;
  /** Whether the server has answered it. */
  readonly isReported: boolean;
}

/** Somebody was let through with a ticket that is void, or whose admission another presentation has. */
export interface Surplus {
  readonly id: string;
  readonly ticketId: string | null;
  /** When it was, here: milliseconds since 1970. */
  readonly at: number;
  /** Who has the admission; null where the ticket is void. */
  readonly firstAdmitted: { readonly at: number; readonly gate: string | null } | null;
}

/** A scan that the server will not take, which is said rather than tried for ever. */
export interface RefusedScan {
  readonly id: string;
  readonly at: number;
  /** The problem's code. */
  readonly because: string;
}

/** How far a ticket is in, as far as this gate knows: what the server said, and what was done here since. */
export interface Presence {
  readonly times: number;
  readonly inside: number;
  readonly presented: number;
  readonly lastPresentedAt: number | null;
  readonly admitted: { readonly at: number; readonly gate: string | null } | null;
}

type Admitted = Omit<DoorData["admitted"][number], "ticket_id">;
/** What is the same for all tickets. */
export type DoorPicture = Omit<DoorData, "revoked" | "admitted" | "complete">;

type ScanResult = Redemptions["results"][number];

/** How an answer is taken in. */
export interface Taking {
  readonly askedAt: number;
  /** It is the first part of everything: what was known before is forgotten. */
  readonly isWhole: boolean;
  /** Scans that are in it, so that they are no longer counted beside it. */
  readonly included: readonly string[];
}

export interface GateMemory {
  readonly door: () => DoorPicture | null;
  readonly revoked: ReadonlySet<string>;
  presenceOf(ticketId: string): Presence;
  /** Those that wait to be reported, the oldest first. */
  waiting(): readonly KeptScan[];
  surplus(): readonly Surplus[];
  refused(): readonly RefusedScan[];
  /** Counts at once, before it is saved. @throws what the storage throws, where nobody else has the scan: it counts no more */
  keepScan(scan: KeptScan): Promise<void>;
  reported(results: readonly ScanResult[]): Promise<void>;
  refuse(scan: KeptScan, because: string): Promise<void>;
  /** The ids of scans that the server has: what it says from now on has them in it. */
  reportedIds(): readonly string[];
  /** When everything was asked for last; null: never. */
  syncedAt(): number | null;
  update(answer: DoorData, taking: Taking): Promise<void>;
  forgetSurplus(): Promise<void>;
}

/** @throws what the storage throws */
export async function openGateMemory(storage: GateStorage, gate: string): Promise<GateMemory> {
  const kept = read(await storage.load());
  const { admitted, revoked, scans, surplus, refused } = kept;
  let { door, syncedAt } = kept;
  const save = (changes: readonly (readonly [string, unknown])[]) => storage.save(new Map(changes));

  return {
    door: () => door,
    revoked,
    presenceOf: (ticketId) => presenceOf(admitted.get(ticketId), scansOf(scans, ticketId), gate),
    waiting: () => [...scans.values()].filter((scan) => !scan.isReported).sort(byTime),
    surplus: () => [...surplus.values()].sort(byTime),
    refused: () => [...refused.values()].sort(byTime),
    keepScan: async (scan) => {
      scans.set(scan.id, scan);
      try {
        await save([[`scan/${scan.id}`, scan]]);
      } catch (error) {
        // What the server has is not lost with this. What only the gate has was not decided, then.
        if (scan.isReported) return;
        scans.delete(scan.id);
        throw error;
      }
    },
    reported: (results) => {
      const changes: [string, unknown][] = [];
      for (const result of results) {
        const scan = scans.get(result.id);
        if (scan === undefined) continue;
        const answered = { ...scan, isReported: true };
        scans.set(scan.id, answered);
        changes.push([`scan/${scan.id}`, answered]);
        if (!result.surplus) continue;
        const more = surplusOf(scan, result);
        surplus.set(scan.id, more);
        changes.push([`surplus/${scan.id}`, more]);
      }
      return save(changes);
    },
    refuse: ({ id, at }, because) => {
      scans.delete(id);
      refused.set(id, { id, at, because });
      return save([
        [`scan/${id}`, undefined],
        [`refused/${id}`, { id, at, because }],
      ]);
    },
    reportedIds: () => [...scans.values()].filter((scan) => scan.isReported).map(({ id }) => id),
    syncedAt: () => syncedAt,
    update: (answer, { isWhole, included, askedAt }) => {
      const changes: [string, unknown][] = [];
      if (isWhole) {
        for (const id of revoked) changes.push([`revoked/${id}`, undefined]);
        for (const id of admitted.keys()) changes.push([`admitted/${id}`, undefined]);
        revoked.clear();
        admitted.clear();
      }
      for (const id of answer.revoked) {
        revoked.add(id);
        changes.push([`revoked/${id}`, true]);
      }
      for (const { ticket_id: id, ...state } of answer.admitted) {
        admitted.set(id, state);
        changes.push([`admitted/${id}`, state]);
      }
      for (const id of included) {
        scans.delete(id);
        changes.push([`scan/${id}`, undefined]);
      }
      const { revoked: _revoked, admitted: _admitted, complete: _complete, ...picture } = answer;
      door = picture;
      if (answer.complete) syncedAt = askedAt;
      return save([...changes, ["door", picture], ["synced", syncedAt]]);
    },
    forgetSurplus: () => {
      const ids = [...surplus.keys()].map((id) => `surplus/${id}`);
      const refusals = [...refused.keys()].map((id) => `refused/${id}`);
      surplus.clear();
      refused.clear();
      return save([...ids, ...refusals].map((key) => [key, undefined]));
    },
  };
}

function read(entries: ReadonlyMap<string, unknown>) {
  const part = <Value>(kind: string) =>
    new Map(
      [...entries]
        .filter(([key]) => key.startsWith(`${kind}/`))
        .map(([key, value]): [string, Value] => [key.slice(kind.length + 1), value as Value]),
    );
  return {
    door: (entries.get("door") ?? null) as DoorPicture | null,
    syncedAt: (entries.get("synced") ?? null) as number | null,
    revoked: new Set(part("revoked").keys()),
    admitted: part<Admitted>("admitted"),
    scans: part<KeptScan>("scan"),
    surplus: part<Surplus>("surplus"),
    refused: part<RefusedScan>("refused"),
  };
}

function scansOf(scans: ReadonlyMap<string, KeptScan>, ticketId: string): readonly KeptScan[] {
  return [...scans.values()].filter((scan) => scan.ticketId === ticketId).sort(byTime);
}

function presenceOf(
  known: Admitted | undefined,
  scans: readonly KeptScan[],
  gate: string,
): Presence {
  let times = known?.times ?? 0;
  let inside = known?.inside ?? 0;
  let admitted =
    known == null || known.at === null ? null : { at: Date.parse(known.at), gate: known.gate };
  for (const { isLetThrough, direction, at } of scans) {
    if (!isLetThrough) continue;
    if (direction === "out") {
      inside = Math.max(0, inside - 1);
      continue;
    }
    times++;
    inside++;
    admitted ??= { at, gate };
  }
  return {
    times,
    inside,
    presented: (known?.times ?? 0) + scans.length,
    lastPresentedAt: scans.at(-1)?.at ?? admitted?.at ?? null,
    admitted,
  };
}

function surplusOf({ id, at }: KeptScan, result: ScanResult): Surplus {
  const first = result.first_admitted;
  return {
    id,
    at,
    ticketId: result.ticket_id,
    firstAdmitted: first && { at: Date.parse(first.at), gate: first.gate },
  };
}

function byTime(a: { readonly at: number }, b: { readonly at: number }): number {
  return a.at - b.at;
}
