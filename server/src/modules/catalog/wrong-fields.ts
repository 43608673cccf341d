import { type FieldError, invalidField, Problem } from "#platform/http/problem.ts";

/** As many wrong fields as one answer lists. */
const ERRORS_MAX = 20;

/** Collects what is wrong with a body beyond its shape, so that all of it is told at once. */
export interface WrongFields {
  add(path: string, code: string, message: string): void;
  /** @throws `invalid_field` when there was any. */
  refuseIfAny(): void;
}

export function createWrongFields(): WrongFields {
  const errors: FieldError[] = [];
  return {
    add: (path, code, message) => {
      if (errors.length < ERRORS_MAX) errors.push({ path, code, message });
    },
    refuseIfAny: () => {
      const [first] = errors;
      if (first === undefined) return;
      throw new Problem(
        invalidField,
        errors.length === 1
          ? `${first.path || "The body"} ${first.message}.`
          : `${errors.length} fields are wrong.`,
        { errors },
      );
    },
  };
}
