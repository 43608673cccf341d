import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { problemTypes } from "#platform/http/problem.ts";
import { COMPOSITION_ROOTS, MODULES } from "../boundaries.ts";
import { isForTests, type Repository, readFiles } from "./tidy/repository.ts";
import { RULES } from "./tidy/rules.ts";

// What a linter cannot know about this repository: each rule is a test, and each message says what to do instead.
// tidy-catches.test.ts plants a violation of every rule and sees it caught.

const ROOT = join(import.meta.dirname, "../..");
const repository = await readRepository();

for (const rule of RULES) {
  test(rule.name, () => {
    const violations = rule.check(repository);
    assert.ok(violations.length === 0, `\n${violations.join("\n")}\n`);
  });
}

async function readRepository(): Promise<Repository> {
  const files = readFiles(ROOT);
  // A kind of problem is declared when its file is loaded.
  for (const [file, text] of files) {
    const declares = file.startsWith("server/src/") && file.endsWith(".ts") && !isForTests(file);
    if (declares && /\bproblemType\(/.test(text)) await import(join(ROOT, file));
  }
  return { files, modules: MODULES, compositionRoots: COMPOSITION_ROOTS, problems: problemTypes() };
}
