import type { EventDoorCounts, GateState, HowPresented } from "@tessera/sdk";
import { useCallback, useEffect, useRef, useState } from "react";
import { type Shown, shownOf } from "./door-words.ts";
import type { GateSignals } from "./gate-signals.ts";
import { isClosed, type OpenGate } from "./open-gate.ts";

const ONLINE_SYNC_MS = 10_000;
const OFFLINE_SYNC_MS = 3_000;

/** The state of a gate that is kept up to date: it asks by itself, sooner when the network comes back. */
export function useGateState({ gate }: OpenGate, onClosed: (waiting: number) => void): GateState {
  const [state, setState] = useState(() => gate.state());
  const { isOnline } = state;
  useEffect(() => gate.onChange(() => setState(gate.state())), [gate]);
  const sync = useCallback(
    () =>
      gate.sync().catch((error: unknown) => {
        if (isClosed(error)) onClosed(gate.state().waiting);
      }),
    [gate, onClosed],
  );
  useEffect(() => {
    const now = () => void sync();
    now();
    addEventListener("online", now);
    document.addEventListener("visibilitychange", now);
    return () => {
      removeEventListener("online", now);
      document.removeEventListener("visibilitychange", now);
    };
  }, [sync]);
  // One that is under way is joined, so this is how often at most.
  useEffect(() => {
    const every = isOnline ? ONLINE_SYNC_MS : OFFLINE_SYNC_MS;
    const timer = setInterval(() => void sync(), every);
    return () => clearInterval(timer);
  }, [sync, isOnline]);
  return state;
}

/** How many are in, as it changes; null before the first picture. */
export function useCounts({ door, opens }: OpenGate): EventDoorCounts | null {
  const [counts, setCounts] = useState<EventDoorCounts | null>(null);
  useEffect(() => {
    const stopped = new AbortController();
    const watch = async () => {
      for await (const picture of door.watchCounts(opens.eventId, { signal: stopped.signal })) {
        setCounts(picture);
      }
    };
    // A refusal is seen by the next sync, too, which says so.
    watch().catch(() => undefined);
    return () => stopped.abort();
  }, [door, opens]);
  return counts;
}

/** One presentation, as it is shown. */
export interface Presented {
  /** Of this presentation alone: the same words again are another. */
  readonly id: string;
  readonly code: string;
  readonly at: number;
  readonly shown: Shown;
  readonly isOfGate: boolean;
  /** The same code may let in somebody else. */
  readonly hasMore: boolean;
}

export interface Presenting {
  /** Null before the first, and while one is decided. */
  readonly last: Presented | null;
  readonly isBusy: boolean;
  present(code: string, how: HowPresented): void;
}

/** Presents codes one after the other, and says of each what came of it: to the eye, the ear and the hand. */
export function usePresenting(
  { gate }: OpenGate,
  signals: GateSignals | null,
  { onClosed, failed }: { readonly onClosed: (waiting: number) => void; readonly failed: Shown },
): Presenting {
  const [last, setLast] = useState<Presented | null>(null);
  const [waiting, setWaiting] = useState(0);
  const queue = useRef(Promise.resolve());
  const present = useCallback(
    (code: string, how: HowPresented) => {
      const one = async () => {
        const presented = await gate.present(code, how).then(
          (answer): Presented => {
            const { id, at, decidedBy, outcome, ticket } = answer;
            const shown = shownOf(answer, gate.state().door, at);
            const hasMore = outcome === "admitted" && (ticket?.admits ?? 1) > 1;
            return { id, code, at, shown, isOfGate: decidedBy === "gate", hasMore };
          },
          (error: unknown): Presented => {
            if (isClosed(error)) onClosed(gate.state().waiting);
            const at = Date.now();
            return { id: `${at}`, code, at, shown: failed, isOfGate: true, hasMore: false };
          },
        );
        setLast(presented);
        setWaiting((count) => count - 1);
        signals?.give(presented.shown.tone);
      };
      setWaiting((count) => count + 1);
      queue.current = queue.current.then(one);
    },
    [gate, signals, onClosed, failed],
  );
  return { last, isBusy: waiting > 0, present };
}
