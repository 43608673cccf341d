import type { ProblemType } from "#platform/http/problem.ts";
import type { Repository } from "./repository.ts";

/** A small repository that breaks one rule, or comes close and does not. */
export interface Violation {
  /** The name of the rule. */
  readonly rule: string;
  readonly files: Readonly<Record<string, string>>;
  /** What the rule must say; null when it must say nothing. */
  readonly caught: RegExp | null;
  readonly modules?: Repository["modules"];
  readonly problems?: readonly ProblemType[];
}

/** Violations of one rule: what must be caught, and what must not. */
export function violationsOf(
  rule: string,
  plants: readonly Omit<Violation, "rule">[],
): readonly Violation[] {
  return plants.map((plant) => ({ rule, ...plant }));
}

/** The repository of a violation: two modules, one above the other, unless it brings its own. */
export function planted({ files, modules, problems }: Violation): Repository {
  return {
    files: new Map(Object.entries(files)),
    modules: modules ?? { catalog: [], reservations: ["catalog"] },
    compositionRoots: ["server/src/app.ts"],
    problems: problems ?? [],
  };
}
