import type { Direction } from "@tessera/sdk";
import { useCallback, useEffect, useState } from "react";
import { Camera } from "./Camera.tsx";
import { CodeInput } from "./CodeInput.tsx";
import { expiryWords, type Shown, timesOf, WORDS } from "./door-words.ts";
import { GateDetails } from "./GateDetails.tsx";
import { GateStatus } from "./GateStatus.tsx";
import { createGateSignals, type GateSignals } from "./gate-signals.ts";
import { keepPage } from "./keep-page.ts";
import type { OpenGate } from "./open-gate.ts";
import { Result } from "./Result.tsx";
import { prepareReader } from "./read-camera.ts";
import { createRepeatFilter } from "./repeat-filter.ts";
import { useCounts, useGateState, usePresenting } from "./use-gate.ts";

interface GateProps {
  readonly open: OpenGate;
  readonly onClosed: (waiting: number) => void;
  readonly onStop: () => void;
}

const FAILED: Shown = { tone: "warn", title: "Again", why: WORDS.failed, facts: [] };

/** A gate at work: what it is, what came of the last scan, and the ways to scan the next. */
export function Gate({ open, onClosed, onStop }: GateProps) {
  const state = useGateState(open, onClosed);
  const counts = useCounts(open);
  const [signals, setSignals] = useState<GateSignals | null>(null);
  const [hasCamera, setCamera] = useState(true);
  const [chosen, setDirection] = useState<Direction>("in");
  const [repeats] = useState(() => createRepeatFilter(() => performance.now()));
  const { last, isBusy, present } = usePresenting(open, signals, { onClosed, failed: FAILED });
  const isRunning = signals !== null;
  const direction = state.door?.settings.re_entry === true ? chosen : "in";
  const scan = useCallback((code: string) => present(code, { direction }), [present, direction]);
  const see = useCallback(
    (code: string) => {
      if (repeats.isNews(code)) scan(code);
    },
    [repeats, scan],
  );
  useAwake(isRunning);
  useEffect(() => {
    prepareReader().then(keepPage, keepPage);
  }, []);

  if (!isRunning) {
    const start = (withCamera: boolean) => {
      setCamera(withCamera);
      setSignals(createGateSignals());
    };
    return <Begin open={open} timeZone={state.door?.time_zone} onStart={start} />;
  }
  return (
    <main className={direction === "out" ? "gate-work gate-out" : "gate-work"}>
      <GateStatus open={open} state={state} counts={counts} />
      <Result
        last={isBusy ? null : last}
        isBusy={isBusy}
        hint={hasCamera ? WORDS.readyHint : WORDS.readyTyped}
        timeZone={state.door?.time_zone}
        onAgain={() => last !== null && scan(last.code)}
      />
      {hasCamera ? <Camera onCode={see} onClose={() => setCamera(false)} /> : null}
      <div className="gate-controls">
        {state.door?.settings.re_entry === true ? (
          <DirectionSwitch direction={direction} onChange={setDirection} />
        ) : null}
        <CodeInput onCode={scan} />
        <GateDetails
          open={open}
          state={state}
          onStop={onStop}
          onCamera={hasCamera ? null : () => setCamera(true)}
        />
      </div>
    </main>
  );
}

interface BeginProps {
  readonly open: OpenGate;
  readonly timeZone: string | undefined;
  readonly onStart: (withCamera: boolean) => void;
}

/** Asks for a tap: browsers give neither camera nor sound to a page that nobody has touched. */
function Begin({ open: { opens }, timeZone, onStart }: BeginProps) {
  return (
    <main className="gate-notice">
      <p className="gate-event" lang={opens.language}>
        {opens.eventName}
      </p>
      <h1>{opens.gate}</h1>
      <p>{expiryWords(opens.expiresAt, timesOf(timeZone, Date.now()))}</p>
      <button type="button" className="gate-start" onClick={() => onStart(true)}>
        {WORDS.start}
      </button>
      <button type="button" onClick={() => onStart(false)}>
        {WORDS.startWithout}
      </button>
    </main>
  );
}

interface DirectionSwitchProps {
  readonly direction: Direction;
  readonly onChange: (direction: Direction) => void;
}

function DirectionSwitch({ direction, onChange }: DirectionSwitchProps) {
  return (
    <fieldset className="gate-direction">
      <legend className="gate-unseen">{WORDS.directionLabel}</legend>
      {(["in", "out"] as const).map((way) => (
        <label key={way}>
          <input
            type="radio"
            name="direction"
            checked={direction === way}
            onChange={() => onChange(way)}
          />
          {WORDS[way]}
        </label>
      ))}
    </fieldset>
  );
}

/** The screen stays on, where the browser can do that. */
function useAwake(isWanted: boolean): void {
  useEffect(() => {
    if (!isWanted || !("wakeLock" in navigator)) return;
    let lock: WakeLockSentinel | null = null;
    const ask = async () => {
      if (document.visibilityState !== "visible") return;
      lock = await navigator.wakeLock.request("screen").catch(() => null);
    };
    const again = () => void ask();
    again();
    document.addEventListener("visibilitychange", again);
    return () => {
      document.removeEventListener("visibilitychange", again);
      void lock?.release();
    };
  }, [isWanted]);
}
