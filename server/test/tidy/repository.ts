import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProblemType } from "#platform/http/problem.ts";
import { withoutComments } from "./scan.ts";

/** The repository as the rules see it. A planted one has only what its rule looks at. */
export interface Repository {
  /** Path from the root, with slashes → text. In the order of the paths. */
  readonly files: ReadonlyMap<string, string>;
  /** server/boundaries.ts */
  readonly modules: Readonly<Record<string, readonly string[]>>;
  readonly compositionRoots: readonly string[];
  /** Every kind of refusal that the server declares. */
  readonly problems: readonly ProblemType[];
}

/** A rule of the house: `check` returns one sentence per violation, which says where and what to do instead. */
export interface Rule {
  /** What it guarantees; the name of its test. */
  readonly name: string;
  check(repository: Repository): string[];
}

const NOT_OURS = new Set([
  ".git",
  ".tessera",
  "coverage",
  "data",
  "dist",
  "node_modules",
  "package-lock.json",
]);
const IS_TEXT = /\.(?:css|html|json|md|mjs|sql|svg|ts|tsx|yaml|yml)$|^(?:\.ci\/run|Dockerfile)$/;

/** All texts of the repository that people write or review, by path. */
export function readFiles(root: string): Map<string, string> {
  const paths = pathsUnder(root, "").filter((path) => IS_TEXT.test(path));
  return new Map(paths.sort().map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

function pathsUnder(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !NOT_OURS.has(entry.name))
    .flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? pathsUnder(root, path) : [path];
    });
}

/** The module a file belongs to, null outside of modules. */
export function moduleOf(file: string): string | null {
  return /^server\/src\/modules\/([^/]+)\//.exec(file)?.[1] ?? null;
}

export function isScript(file: string): boolean {
  return /\.(?:ts|tsx|mjs)$/.test(file);
}

export function isGenerated(file: string): boolean {
  return /(?:^|\/)generated\.ts$|^server\/schema\.sql$/.test(file);
}

/** Tests and what only they use: nothing of it runs in production. */
export function isForTests(file: string): boolean {
  return /\.test\.tsx?$|\/testing(?:-[a-z-]+)?\.ts$|^server\/test\//.test(file);
}

/** The rules, their planted violations and the page of rules name what they forbid. */
export function isTidy(file: string): boolean {
  return file.startsWith("server/test/tidy") || file === "docs/style.md";
}

/** Where a pattern occurs in the code of a file, comments left out, as `path:line`. */
export function occurrences(file: string, text: string, pattern: RegExp): string[] {
  return withoutComments(file, text)
    .split("\n")
    .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : []));
}
