import type { EventDoorCounts, GateState } from "@tessera/sdk";
import { WORDS, waitingWords } from "./door-words.ts";
import type { OpenGate } from "./open-gate.ts";

interface GateStatusProps {
  readonly open: OpenGate;
  readonly state: GateState;
  readonly counts: EventDoorCounts | null;
}

/** Which gate this is, how many are in, and whether there is a network. */
export function GateStatus({ open: { opens }, state, counts }: GateStatusProps) {
  return (
    <header className="gate-status">
      <p className="gate-name">
        <strong>{opens.gate}</strong> <span lang={opens.language}>{opens.eventName}</span>
      </p>
      <Counts state={state} counts={counts} gate={opens.gate} />
      <div role="status">{state.isOnline ? null : <Offline state={state} />}</div>
    </header>
  );
}

interface CountsProps {
  readonly state: GateState;
  readonly counts: EventDoorCounts | null;
  readonly gate: string;
}

function Counts({ state, counts, gate }: CountsProps) {
  const total = counts?.total ?? state.door?.counts;
  if (total === undefined) return null;
  const here = counts?.gates.find((one) => one.gate === gate);
  return (
    <dl className="gate-counts">
      <div>
        <dt>{WORDS.admitted}</dt>
        <dd>
          {total.admitted} <small>of {total.expected}</small>
        </dd>
      </div>
      {state.door?.settings.re_entry === true ? (
        <div>
          <dt>{WORDS.inside}</dt>
          <dd>{total.inside}</dd>
        </div>
      ) : null}
      {here === undefined ? null : (
        <div>
          <dt>{WORDS.atThisGate}</dt>
          <dd>{here.admitted}</dd>
        </div>
      )}
    </dl>
  );
}

function Offline({ state }: { readonly state: GateState }) {
  return (
    <p className="gate-offline">
      <strong>{WORDS.offline}.</strong> {state.canDecide ? WORDS.offlineHint : WORDS.cannotAlone}{" "}
      {state.waiting === 0 ? null : <span>{waitingWords(state.waiting)}</span>}
    </p>
  );
}
