import type { GateState } from "@tessera/sdk";
import { useState } from "react";
import {
  expiryWords,
  leftWords,
  refusedScansWords,
  surplusLine,
  surplusWords,
  syncedWords,
  type Times,
  timesOf,
  WORDS,
  waitingWords,
} from "./door-words.ts";
import type { OpenGate } from "./open-gate.ts";

interface GateDetailsProps {
  readonly open: OpenGate;
  readonly state: GateState;
  readonly onStop: () => void;
  /** Null while the camera is on. */
  readonly onCamera: (() => void) | null;
}

/** What is looked up seldom, and the way to stop. What nobody may miss stands outside of it. */
export function GateDetails({ open, state, onStop, onCamera }: GateDetailsProps) {
  const say = timesOf(state.door?.time_zone, Date.now());
  return (
    <>
      {state.surplus.length + state.refused.length === 0 ? null : (
        <Surplus state={state} say={say} onSeen={() => void open.gate.forgetSurplus()} />
      )}
      <details className="gate-details">
        <summary>{WORDS.details}</summary>
        <p>{expiryWords(open.opens.expiresAt, say)}</p>
        <p>{syncedWords(state.syncedAt, say)}</p>
        <p>{waitingWords(state.waiting)}</p>
        {onCamera === null ? null : (
          <button type="button" onClick={onCamera}>
            {WORDS.useCamera}
          </button>
        )}
        <Stop waiting={state.waiting} onStop={onStop} />
      </details>
    </>
  );
}

interface SurplusProps {
  readonly state: GateState;
  readonly say: Times;
  readonly onSeen: () => void;
}

function Surplus({ state: { surplus, refused }, say, onSeen }: SurplusProps) {
  return (
    <section className="gate-surplus" role="alert">
      {surplus.length === 0 ? null : <p>{surplusWords(surplus.length)}</p>}
      <ul>
        {surplus.map((one) => (
          <li key={one.id}>{surplusLine(one, say)}</li>
        ))}
      </ul>
      {refused.length === 0 ? null : <p>{refusedScansWords(refused.length)}</p>}
      <button type="button" onClick={onSeen}>
        {WORDS.surplusSeen}
      </button>
    </section>
  );
}

interface StopProps {
  readonly waiting: number;
  readonly onStop: () => void;
}

function Stop({ waiting, onStop }: StopProps) {
  const [isAsked, setAsked] = useState(false);
  if (!isAsked) {
    return (
      <button type="button" onClick={() => setAsked(true)}>
        {WORDS.stop}
      </button>
    );
  }
  return (
    <>
      <p>
        {WORDS.stopHint} {leftWords(waiting)}
      </p>
      <button type="button" onClick={onStop}>
        {WORDS.stopSure}
      </button>{" "}
      <button type="button" onClick={() => setAsked(false)}>
        {WORDS.keep}
      </button>
    </>
  );
}
