// What the thread of the embedded database and the rest of the process say to each other.

/** What is asked of the thread. All but the members named here is the statement's own. */
export type Ask =
  | { readonly kind: "prepared"; readonly text: string; readonly parameters: readonly Parameter[] }
  | {
      readonly kind: "query";
      readonly text: string;
      readonly parameters: readonly unknown[];
      /** Null: in none. */
      readonly transaction: number | null;
    }
  | { readonly kind: "begin"; readonly transaction: number }
  | { readonly kind: "end"; readonly transaction: number; readonly commit: boolean }
  | { readonly kind: "script"; readonly text: string }
  | { readonly kind: "listen"; readonly listener: number; readonly channel: string }
  | { readonly kind: "unlisten"; readonly listener: number }
  | { readonly kind: "close" };

type Parameter = string | number | null;

export interface Question {
  readonly id: number;
  readonly ask: Ask;
}

/** What the thread says. */
export type Said =
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly error: FailureText }
  | { readonly kind: "notification"; readonly listener: number; readonly payload: string }
  | {
      readonly kind: "log";
      readonly level: "warn" | "error";
      readonly fields: Readonly<Record<string, unknown>>;
      readonly message: string;
    }
  /** It is over: the thread waits for the process to end with this code. */
  | { readonly kind: "end"; readonly code: number };

/** An error as it crosses: structured clone would leave its own members behind. */
export interface FailureText {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** SQLSTATE, constraint, detail and so on. */
  readonly members: Readonly<Record<string, unknown>>;
}

export function failureText(error: unknown): FailureText {
  if (!(error instanceof Error)) {
    return { name: "Error", message: String(error), stack: undefined, members: {} };
  }
  const members = Object.entries(error).filter(([, value]) => isPlain(value));
  const { name, message, stack } = error;
  return { name, message, stack, members: Object.fromEntries(members) };
}

export function failureOf({ name, message, stack, members }: FailureText): Error {
  const error = Object.assign(new Error(message), members);
  Object.defineProperty(error, "name", { value: name, configurable: true });
  if (stack !== undefined) error.stack = stack;
  return error;
}

function isPlain(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}
