import { useCallback, useEffect, useState } from "react";
import { forgetLinkToken } from "../../components/link-token.ts";
import { leftWords, WORDS } from "./door-words.ts";
import { Gate } from "./Gate.tsx";
import { forgetPass, type GatePass, takePass } from "./gate-pass.ts";
import { isClosed, isUnreachable, leaveGate, type OpenGate, openGate } from "./open-gate.ts";
import "./door.css";

const RETRY_MS = 3_000;

type Step =
  | { readonly name: "opening" | "unreachable" | "none" | "unable" }
  | { readonly name: "closed"; readonly waiting: number }
  | { readonly name: "open"; readonly open: OpenGate };

/** Makes a gate of the phone that scanned a door pass, for as long as the pass is good. */
export function DoorPage() {
  const [pass, setPass] = useState(takePassOfAddress);
  const [step, setStep] = useState<Step>({ name: pass === null ? "none" : "opening" });
  useEffect(() => {
    if (pass === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isWanted = true;
    const open = async () => {
      try {
        const opened = await openGate(pass);
        if (isWanted) setStep({ name: "open", open: opened });
      } catch (error) {
        if (!isWanted) return;
        if (isClosed(error)) return setStep({ name: "closed", waiting: 0 });
        if (!isUnreachable(error)) return setStep({ name: "unable" });
        setStep({ name: "unreachable" });
        timer = setTimeout(() => void open(), RETRY_MS);
      }
    };
    void open();
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [pass]);
  // Another pass, scanned while this page is open, changes nothing but what stands behind the #.
  useEffect(() => {
    const look = () => {
      const next = takePassOfAddress();
      setStep({ name: next === null ? "none" : "opening" });
      setPass(next);
    };
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
  const onClosed = useCallback((waiting: number) => setStep({ name: "closed", waiting }), []);
  const stop = () => {
    forgetPass(localStorage);
    if (step.name === "open") void leaveGate(step.open);
    setPass(null);
    setStep({ name: "none" });
  };
  return (
    <div className="gate">
      <title>{WORDS.pageTitle}</title>
      {step.name === "open" ? (
        <Gate key={pass?.token} open={step.open} onClosed={onClosed} onStop={stop} />
      ) : (
        <Notice step={step} onStop={pass === null ? null : stop} />
      )}
    </div>
  );
}

interface NoticeProps {
  readonly step: Exclude<Step, { readonly name: "open" }>;
  readonly onStop: (() => void) | null;
}

function Notice({ step, onStop }: NoticeProps) {
  const [title, text] = NOTICES[step.name];
  const left = step.name === "closed" ? leftWords(step.waiting) : "";
  return (
    <main className="gate-notice" aria-live="polite">
      <h1>{title}</h1>
      <p>{text}</p>
      {left === "" ? null : <p>{left}</p>}
      {onStop === null ? null : (
        <button type="button" onClick={onStop}>
          {WORDS.stop}
        </button>
      )}
    </main>
  );
}

const NOTICES: Readonly<
  Record<NoticeProps["step"]["name"], readonly [title: string, text: string]>
> = {
  none: [WORDS.noGateTitle, WORDS.noGate],
  opening: [WORDS.opening, ""],
  unreachable: [WORDS.unreachableTitle, WORDS.unreachable],
  unable: [WORDS.unableTitle, WORDS.unable],
  closed: [WORDS.refusedTitle, WORDS.refused],
};

/** The token leaves the address, and so the history, as soon as it is read. */
function takePassOfAddress(): GatePass | null {
  const pass = takePass(location.hash, localStorage);
  if (location.hash !== "") forgetLinkToken();
  return pass;
}
