import { posix } from "node:path";
import { withoutComments } from "./scan.ts";

export interface Import {
  readonly line: number;
  readonly specifier: string;
}

const IMPORT =
  /(?:^|[\s;}(])(?:from|import)\s*\(?\s*"([^"]+)"|new URL\("(\.[^"]+\.(?:ts|mjs))", import\.meta\.url\)/g;
const ALIASES: readonly (readonly [string, string])[] = [
  ["#platform/", "server/src/platform/"],
  ["#modules/", "server/src/modules/"],
  ["#src/", "server/src/"],
  ["#test/", "server/test/"],
  ["@tessera/sdk", "sdk/src/index.ts"],
];

/** What a file imports, re-exports, or loads by an address relative to itself. */
export function importsOf(file: string, text: string): Import[] {
  return withoutComments(file, text)
    .split("\n")
    .flatMap((line, index) =>
      [...line.matchAll(IMPORT)].map((match) => ({
        line: index + 1,
        specifier: match[1] ?? match[2] ?? "",
      })),
    );
}

/** The path of the file that a specifier means, null for a package. */
export function resolveImport(file: string, specifier: string): string | null {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(file), specifier);
  const alias = ALIASES.find(([prefix]) => specifier.startsWith(prefix));
  return alias === undefined ? null : alias[1] + specifier.slice(alias[0].length);
}

/** All files that are reached from some by imports, those included. Unknown files are left out. */
export function reachableFrom(
  roots: Iterable<string>,
  files: ReadonlyMap<string, string>,
  alsoFrom: (file: string, text: string) => readonly string[] = () => [],
): Set<string> {
  const reached = new Set<string>();
  const waiting = [...roots];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const text = files.get(file);
    if (text === undefined || reached.has(file)) continue;
    reached.add(file);
    for (const { specifier } of importsOf(file, text)) {
      const target = resolveImport(file, specifier);
      if (target !== null) waiting.push(target);
    }
    waiting.push(...alsoFrom(file, text));
  }
  return reached;
}
