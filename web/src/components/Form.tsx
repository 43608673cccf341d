import { type FormEvent, type ReactNode, useState } from "react";
import type { Problem } from "../queries/send.ts";

/** What was filled in, by the names of the fields. */
export type Filled = (name: string) => string;

interface FormProps {
  /** What the button says, and what it says meanwhile. */
  readonly button: string;
  readonly busy: string;
  /** Sends what was filled in. A problem is shown above the button; null: it went well. */
  readonly onSend: (filled: Filled) => Promise<Problem | null>;
  readonly children?: ReactNode;
}

/** A form that is sent once at a time, and says in the server's words what is wrong. */
export function Form({ button, busy, onSend, children }: FormProps) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isBusy) return;
    const data = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    setProblem(await onSend((name) => String(data.get(name) ?? "")));
    setBusy(false);
  };
  return (
    <form onSubmit={(event) => void submit(event)} aria-busy={isBusy}>
      {children}
      <div role="alert">
        {problem === null ? null : (
          <p className="problem">
            <strong>{problem.title}.</strong> {problem.detail}
          </p>
        )}
      </div>
      {/* Not disabled while it is busy: the keyboard would lose its place. */}
      <button type="submit" className="main-action" aria-disabled={isBusy}>
        {isBusy ? busy : button}
      </button>
    </form>
  );
}
