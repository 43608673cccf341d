/** Of these the order says something: schemas read as they were written, lists as they are meant. */
const KEPT = new Set(["properties", "example", "examples", "default"]);
const FIRST = ["openapi", "info", "paths"];

/**
 * The same document with the members of every object in one order, whatever order the routes were
 * registered in, so that its diff shows what changed and nothing else.
 */
export function sortedDocument(document: Record<string, unknown>): Record<string, unknown> {
  const others = Object.keys(document).filter((name) => !FIRST.includes(name));
  const names = [...FIRST.filter((name) => name in document), ...others.sort(compare)];
  return Object.fromEntries(names.map((name) => [name, sorted(document[name])]));
}

function sorted(value: unknown, keepsOrder = false): unknown {
  if (Array.isArray(value)) return value.map((element) => sorted(element));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (!keepsOrder) entries.sort(([a], [b]) => compare(a, b));
  return Object.fromEntries(
    entries.map(([name, member]) => [name, sorted(member, KEPT.has(name))]),
  );
}

/** By code units: the same on every machine, whatever its locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
