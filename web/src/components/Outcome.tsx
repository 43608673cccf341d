import { type ReactNode, useEffect, useRef } from "react";

interface OutcomeProps {
  readonly title: string;
  readonly children: ReactNode;
}

/** What takes the place of a form that did its work: its heading gets the focus, so that it is read out. */
export function Outcome({ title, children }: OutcomeProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another title is another outcome
  useEffect(() => heading.current?.focus(), [title]);
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </>
  );
}
