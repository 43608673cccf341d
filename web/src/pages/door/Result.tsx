import { type Tone, timesOf, WORDS } from "./door-words.ts";
import type { Presented } from "./use-gate.ts";

interface ResultProps {
  readonly last: Presented | null;
  readonly isBusy: boolean;
  readonly hint: string;
  readonly timeZone: string | undefined;
  readonly onAgain: () => void;
}

/** The field that is looked at: one colour, one sign, few words. It is read out, too, as soon as it changes. */
export function Result({ last, isBusy, hint, timeZone, onAgain }: ResultProps) {
  const tone = last?.shown.tone ?? "none";
  return (
    // The outer one stays: only what changes within such an element is read out.
    <section className="gate-answer" aria-live="assertive" aria-atomic="true">
      <div className={`gate-field gate-${tone}`} key={isBusy ? "busy" : (last?.id ?? "ready")}>
        {last === null ? (
          <div>
            <h1>{isBusy ? WORDS.checking : WORDS.ready}</h1>
            {isBusy ? null : <p className="gate-why">{hint}</p>}
          </div>
        ) : (
          <Said last={last} timeZone={timeZone} />
        )}
        {last?.hasMore === true ? (
          <button type="button" onClick={onAgain}>
            {WORDS.again}
          </button>
        ) : null}
      </div>
    </section>
  );
}

interface SaidProps {
  readonly last: Presented;
  readonly timeZone: string | undefined;
}

function Said({ last: { shown, at, isOfGate }, timeZone }: SaidProps) {
  const when = timesOf(timeZone, at).moment(at);
  return (
    <div>
      <Sign tone={shown.tone} />
      <h1>{shown.title}</h1>
      {shown.why === "" ? null : <p className="gate-why">{shown.why}</p>}
      {shown.facts.length === 0 ? null : (
        <ul>
          {shown.facts.map((fact) => (
            <li key={fact}>{fact}</li>
          ))}
        </ul>
      )}
      <p className="gate-when">
        {when}
        {isOfGate ? `, ${WORDS.decidedHere}` : ""}
      </p>
    </div>
  );
}

const PATHS: Readonly<Record<Tone, string>> = {
  good: "M5 34l15 15 27-33",
  warn: "M6 8v30M6 55v1",
  bad: "M6 14l38 38M44 14L6 52",
};

/** For those who do not tell these colours apart. */
function Sign({ tone }: { readonly tone: Tone }) {
  return (
    <svg className="gate-sign" viewBox="0 0 54 64" aria-hidden="true">
      <path d={PATHS[tone]} />
    </svg>
  );
}
