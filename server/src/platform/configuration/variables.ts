import { Unreadable } from "./readers.ts";

/** One thing that can be set in the environment, and all there is to say about it. */
export interface Variable<Value> {
  readonly name: string;
  readonly unit: string;
  /** What it is when it is not given; null where that depends on others. */
  readonly fallback: Value | null;
  /** The same as the page says it, where the value does not say it. */
  readonly defaultText?: string;
  readonly range: string;
  readonly sentence: string;
  /** Its value is never repeated in a message. */
  readonly isSecret?: boolean;
  /** @throws Unreadable with what it must be. */
  readonly read: (text: string) => Value;
}

/** What a table of variables is read to. */
export type Values<Variables extends Record<string, Variable<unknown>>> = {
  -readonly [Key in keyof Variables]:
    | ReturnType<Variables[Key]["read"]>
    | (Variables[Key]["fallback"] extends null ? null : never);
};

/** Reads all that are given, the others are as they fall back; one sentence for each that cannot be read. */
export function readVariables<const Variables extends Record<string, Variable<unknown>>>(
  variables: Variables,
  environment: Readonly<Record<string, string | undefined>>,
): { values: Values<Variables>; errors: string[] } {
  const values: Record<string, unknown> = {};
  const errors: string[] = [];
  for (const [key, { name, isSecret, fallback, read }] of Object.entries(variables)) {
    values[key] = fallback;
    const text = environment[name]?.trim() ?? "";
    if (text === "") continue;
    try {
      values[key] = read(text);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      const found = isSecret === true ? "" : ` It is ${JSON.stringify(text.slice(0, 100))}.`;
      errors.push(`${name} must be ${error.message}.${found}`);
    }
  }
  return { values: values as Values<Variables>, errors };
}
