import type { Tessera } from "./client.ts";
import {
  cannotVerify,
  type Decided,
  decideAlone,
  decidedByServer,
  type GateAnswer,
  nothingPresented,
} from "./gate-decision.ts";
import {
  type Direction,
  type DoorPicture,
  type GateMemory,
  type GateStorage,
  type KeptScan,
  openGateMemory,
  type RefusedScan,
  type Surplus,
  type Taking,
} from "./gate-memory.ts";
import type { DoorData } from "./generated.ts";
import type { BodyOf } from "./operations.ts";
import { TesseraProblem, TesseraUnreachable } from "./problem.ts";
import { createTicketVerifier, hasEd25519, type TicketVerifier } from "./verify-tickets.ts";

export interface OfflineGateOptions {
  readonly eventId: string;
  /** The gate's name, as its door pass has it. */
  readonly gate: string;
  /** `tessera.door`, of a client that sends the door pass. */
  readonly server: Pick<Tessera["door"], "redeem" | "sync" | "data">;
  readonly storage: GateStorage;
  readonly clock: { now(): number };
  /** A new name for a presentation that no other has: a UUID. */
  readonly newId: () => string;
  /** After so long without an answer the gate decides by itself. 3 s if left out. */
  readonly answerMsMax?: number | undefined;
}

export interface GateState {
  /** Whether the server decides. If not, the gate does. */
  readonly isOnline: boolean;
  /** What the server said last; null before it ever did. */
  readonly door: DoorPicture | null;
  /** Whether it can decide without the server: it knows of the event, and there is Ed25519 here. */
  readonly canDecide: boolean;
  /** When the gate last heard all that there is to know: milliseconds since 1970. */
  readonly syncedAt: number | null;
  /** How many scans wait to be reported. */
  readonly waiting: number;
  readonly surplus: readonly Surplus[];
  readonly refused: readonly RefusedScan[];
}

export interface HowPresented {
  readonly direction?: Direction | undefined;
  /** The one slot that this gate lets in now. Left out: whichever is due. */
  readonly slotId?: string | undefined;
}

export interface OfflineGate {
  state(): GateState;
  /** Calls whenever the state changed, until the given function is called. */
  onChange(listener: () => void): () => void;
  /**
   * Decides about one code: the server does when it answers in time, else the gate by what it knows. What the gate
   * decided is saved before it is told, and reported later under the same id, so it is never counted twice.
   *
   * @throws `TesseraProblem` when the server refuses the gate itself: its pass is void, or over.
   * @throws `TesseraUnreachable` when there is no answer, and never was one to know anything by.
   * @throws what the storage throws, when the gate had to decide and could not save it: then it has not decided.
   */
  present(code: string, how?: HowPresented): Promise<GateAnswer>;
  /**
   * Reports what waits, then asks for what is new. From then on the server decides. One at a time: who asks
   * meanwhile waits for the one that is under way. To be called again and again, and when a network comes.
   *
   * @throws as `present`, and any refusal
   */
  sync(): Promise<void>;
  /** Takes in what `tessera.door.data` answered: all of it, or what is new since the last that was taken in. */
  update(answer: DoorData): Promise<void>;
  /** The surplus, and what the server refused, were seen. */
  forgetSurplus(): Promise<void>;
}

const ANSWER_MS_MAX = 3_000;
const SCANS_MAX = 10_000;
const CODE_LENGTH_MAX = 500;
/** At 5,000 tickets each. */
const PAGES_MAX = 1_000;
const ROUNDS_MAX = 10;
/** What says that the gate may not, rather than that the server cannot. */
const CLOSING = new Set([401, 403, 404, 410]);
/** What says that something in the request is wrong. */
const WRONG = new Set([400, 413, 422]);

interface Gate extends OfflineGateOptions {
  readonly memory: GateMemory;
  readonly changed: () => void;
  readonly hasEd25519: boolean;
  isOnline: boolean;
  /** For the picture of now; null where there is none, or what it says cannot be used. */
  verifier: TicketVerifier | null;
}

/**
 * A gate that works with and without a network, in a browser or in Node.js. It takes up where it was when its storage was
 * last written.
 *
 * @throws what the storage throws
 */
export async function createOfflineGate(options: OfflineGateOptions): Promise<OfflineGate> {
  const listeners = new Set<() => void>();
  const memory = await openGateMemory(options.storage, options.gate);
  const gate: Gate = {
    ...options,
    memory,
    changed: () => {
      for (const listener of listeners) listener();
    },
    // Who was told to wait for a network may have let people in that the server does not know of.
    isOnline: memory.waiting().length === 0,
    hasEd25519: await hasEd25519(),
    verifier: verifierOf(options.eventId, memory),
  };
  let syncing: Promise<void> | null = null;

  return {
    state: () => stateOf(gate),
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    present: (code, how = {}) => present(gate, code, how),
    sync: () => {
      syncing ??= sync(gate).finally(() => {
        syncing = null;
        gate.changed();
      });
      return syncing;
    },
    update: (answer) =>
      update(gate, answer, { isWhole: false, included: [], askedAt: gate.clock.now() }),
    forgetSurplus: async () => {
      await memory.forgetSurplus();
      gate.changed();
    },
  };
}

function canDecide({ hasEd25519, verifier }: Gate): boolean {
  return hasEd25519 && verifier !== null;
}

function stateOf(gate: Gate): GateState {
  const { memory, isOnline } = gate;
  return {
    isOnline,
    syncedAt: memory.syncedAt(),
    canDecide: canDecide(gate),
    door: memory.door(),
    waiting: memory.waiting().length,
    surplus: memory.surplus(),
    refused: memory.refused(),
  };
}

interface Presented extends HowPresented {
  readonly id: string;
  readonly code: string;
  readonly at: number;
  readonly direction: Direction;
}

/** One presentation. Nothing at all, as a scanner's stray Enter sends it, is not recorded. */
async function present(gate: Gate, code: string, how: HowPresented): Promise<GateAnswer> {
  const { clock, newId, memory } = gate;
  const presented: Presented = {
    ...how,
    id: newId(),
    code: code.slice(0, CODE_LENGTH_MAX),
    at: clock.now(),
    direction: how.direction ?? "in",
  };
  const { id, at, direction } = presented;
  if (code === "") return { id, at, direction, decidedBy: "gate", ...nothingPresented };
  const isAsked = gate.isOnline || !canDecide(gate);
  let decided = isAsked ? await askServer(gate, presented) : null;
  const decidedBy = decided === null ? "gate" : "server";
  if (decided === null) {
    if (memory.door() === null) {
      throw new TesseraUnreachable("no answer, and nothing is known of the event yet");
    }
    gate.isOnline = false;
    gate.changed();
    decided = await decideHere(gate, presented);
  } else if (decided.ticket !== null) {
    await memory.keepScan(scanOf(presented, decided, true));
  }
  gate.changed();
  return { id, at, direction, decidedBy, ...decided };
}

/** What the server says; null when it does not in time, or cannot. */
async function askServer(gate: Gate, presented: Presented): Promise<Decided | null> {
  const { server, eventId, answerMsMax = ANSWER_MS_MAX } = gate;
  const { id, code, direction, slotId } = presented;
  try {
    // Without its time: a clock that is slow would be first wherever it comes.
    const body = {
      ...{ code, direction, nonce: id, event_id: eventId, gate: gate.gate },
      ...(slotId !== undefined && { slot_id: slotId }),
    };
    return decidedByServer(await server.redeem(body, { signal: AbortSignal.timeout(answerMsMax) }));
  } catch (error) {
    if (error instanceof TesseraProblem && CLOSING.has(error.status)) throw error;
    return null;
  }
}

async function decideHere(gate: Gate, presented: Presented): Promise<Decided> {
  const { memory, verifier } = gate;
  const { code, at, direction, slotId } = presented;
  const verdict = await verifier
    ?.verify(code, { at, gate: gate.gate, slot: slotId })
    .catch(() => null);
  const door = memory.door();
  if (verdict == null || door === null) return cannotVerify;
  // From here to keepScan nothing is waited for: the same ticket, presented meanwhile, finds this one counted.
  const decided = decideAlone(verdict, direction, door, memory.presenceOf);
  gate.isOnline = false;
  await memory.keepScan(scanOf(presented, decided, false));
  return decided;
}

function scanOf(presented: Presented, decided: Decided, isReported: boolean): KeptScan {
  const { id, code, at, direction, slotId = null } = presented;
  const { isLetThrough, ticket } = decided;
  return {
    id,
    code,
    at,
    direction,
    slotId,
    isLetThrough,
    ticketId: ticket?.id ?? null,
    isReported,
  };
}

async function sync(gate: Gate): Promise<void> {
  const { memory } = gate;
  try {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      await report(gate, memory.waiting());
      const included = memory.reportedIds();
      await ask(gate, included);
      // What was decided here while the server was asked is reported first: it is to know all when it decides.
      gate.isOnline = memory.waiting().length === 0;
      if (gate.isOnline) return;
    }
  } catch (error) {
    gate.isOnline = false;
    throw error;
  }
}

/** Reports scans by slices. A slice that is refused is halved until what is wrong in it is alone. */
async function report(gate: Gate, scans: readonly KeptScan[]): Promise<void> {
  const { server, memory, eventId } = gate;
  for (let from = 0; from < scans.length; from += SCANS_MAX) {
    const slice = scans.slice(from, from + SCANS_MAX);
    try {
      const body = { event_id: eventId, gate: gate.gate, scans: slice.map(reportOf) };
      const { results } = await server.sync(body);
      await memory.reported(results);
      gate.changed();
    } catch (error) {
      if (!(error instanceof TesseraProblem && WRONG.has(error.status))) throw error;
      const [first, ...rest] = slice;
      if (first !== undefined && rest.length === 0) {
        await memory.refuse(first, error.code);
        continue;
      }
      const half = slice.length >> 1;
      await report(gate, slice.slice(0, half));
      await report(gate, slice.slice(half));
    }
  }
}

function reportOf({
  id,
  code,
  at,
  direction,
  slotId,
  isLetThrough,
}: KeptScan): BodyOf<"reportScans">["scans"][number] {
  return {
    ...{ id, code, at: toRfc3339(at), direction, let_through: isLetThrough },
    ...(slotId !== null && { slot_id: slotId }),
  };
}

/** Asks for what is new, page by page, and takes it in. */
async function ask(gate: Gate, included: readonly string[]): Promise<void> {
  const { server, memory, eventId } = gate;
  const askedAt = gate.clock.now();
  let after = memory.door()?.cursor;
  for (let page = 0; page < PAGES_MAX; page++) {
    const isWhole = after === undefined;
    let answer: DoorData;
    try {
      answer = await server.data(eventId, isWhole ? {} : { after });
    } catch (error) {
      // A cursor that the server does not know any more: from the beginning.
      if (isWhole || !(error instanceof TesseraProblem && WRONG.has(error.status))) throw error;
      after = undefined;
      continue;
    }
    await update(gate, answer, {
      ...{ isWhole, askedAt },
      included: answer.complete ? included : [],
    });
    if (answer.complete) return;
    after = answer.cursor;
  }
}

async function update(gate: Gate, answer: DoorData, taking: Taking): Promise<void> {
  const saved = gate.memory.update(answer, taking);
  gate.verifier = verifierOf(gate.eventId, gate.memory);
  await saved;
  gate.changed();
}

function verifierOf(eventId: string, { door, revoked }: GateMemory): TicketVerifier | null {
  const picture = door();
  if (picture === null) return null;
  const { keys, slots, settings, ticket_types: ticketTypes } = picture;
  const earlyMsMax = settings.entry_opens_minutes * 60_000;
  return createTicketVerifier({ eventId, keys, slots, ticketTypes, revoked, earlyMsMax });
}

function toRfc3339(at: number): string {
  return new Date(at).toISOString();
}
