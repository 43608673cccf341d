import { type FormEvent, useEffect, useRef } from "react";
import { WORDS } from "./door-words.ts";

interface CodeInputProps {
  readonly onCode: (code: string) => void;
}

/** For scanners that type, and for people who do: whatever is typed on the page goes there, and Enter presents it. */
export function CodeInput({ onCode }: CodeInputProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // Not on a phone, where the keyboard on the screen would cover half of the page.
    const isDesk = matchMedia("(pointer: fine)").matches;
    if (isDesk) input.current?.focus();
    const takeKeys = (event: KeyboardEvent) => {
      if (isForScanner(event)) input.current?.focus();
    };
    // Keys that a scanner types are for the input, not for the button that was tapped last.
    const takeFocusBack = ({ detail: taps, target }: MouseEvent) => {
      if (taps === 0 || target === input.current) return;
      if (isDesk) input.current?.focus();
      else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    };
    document.addEventListener("keydown", takeKeys);
    document.addEventListener("click", takeFocusBack);
    return () => {
      document.removeEventListener("keydown", takeKeys);
      document.removeEventListener("click", takeFocusBack);
    };
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // Not trimmed: a code may begin or end with a space.
    const code = input.current?.value ?? "";
    if (input.current !== null) input.current.value = "";
    if (code !== "") onCode(code);
  };
  return (
    <form className="gate-code" onSubmit={submit}>
      <input
        ref={input}
        type="text"
        name="code"
        aria-label={WORDS.codeLabel}
        placeholder={WORDS.codeHint}
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        enterKeyHint="go"
      />
    </form>
  );
}

/** Whether a key is one of a code, and nobody else's. */
function isForScanner({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || key.length !== 1) return false;
  const { activeElement } = document;
  // A space presses the button that has the focus.
  if (key === " " && activeElement !== document.body) return false;
  return !(activeElement instanceof HTMLInputElement && activeElement.type === "text");
}
