/**
 * States an invariant. A false condition is our bug: the request fails as `500 internal_error`,
 * the sentence goes to the log.
 */
export function assert(condition: unknown, invariant: string): asserts condition {
  if (!condition) throw new InvariantBroken(invariant);
}

export class InvariantBroken extends Error {
  override name = "InvariantBroken";
}
