/** What an array holds; undefined is null. */
type Element = string | number | boolean | null | undefined;

/**
 * An array literal of PostgreSQL: one parameter however long, the same on both drivers. For ids,
 * numbers, booleans and words of ours, which need no quotes.
 */
export function plainArray(values: readonly Element[]): string {
  return `{${values.map((value) => value ?? "NULL").join()}}`;
}

/** The same for any text, whatever is in it. */
export function textArray(values: readonly Element[]): string {
  return `{${values.map(element).join()}}`;
}

function element(value: Element): string {
  if (typeof value !== "string") return String(value ?? "NULL");
  const escaped = /["\\]/.test(value) ? value.replaceAll(/["\\]/g, "\\$&") : value;
  return `"${escaped}"`;
}
