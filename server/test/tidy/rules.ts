import { FILE_RULES } from "./file-rules.ts";
import { MODULE_RULES } from "./module-rules.ts";
import { PROBLEM_RULES } from "./problem-rules.ts";
import type { Rule } from "./repository.ts";
import { SQL_RULES } from "./sql-rules.ts";
import { TEST_RULES } from "./test-rules.ts";
import { WORD_RULES } from "./word-rules.ts";

/** Every rule of the house that no linter knows. */
export const RULES: readonly Rule[] = [
  ...MODULE_RULES,
  ...FILE_RULES,
  ...WORD_RULES,
  ...SQL_RULES,
  ...PROBLEM_RULES,
  ...TEST_RULES,
];
