/**
 * States an invariant. A false condition is our bug: the request fails as `500 internal_error`,
 * the sentence goes to the log.
 */
export function assert(condition: unknown, invariant: string): asserts condition {
  if (!condition) throw new InvariantBroken(invariant);
}

/** Makes a `switch` over a union total: the compiler refuses the call when a case is missing. */
export function assertNever(value: never): never {
  throw new InvariantBroken(`no case is left, but got ${JSON.stringify(value)}`);
}

export class InvariantBroken extends Error {
  override name = "InvariantBroken";
}
