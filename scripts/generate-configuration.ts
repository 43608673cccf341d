import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { VARIABLES } from "../server/src/config.ts";
import type { Variable } from "../server/src/platform/configuration/variables.ts";

const PATH = join(import.meta.dirname, "../docs/operating/configuration.md");
const USAGE = `Writes docs/operating/configuration.md from the table in server/src/config.ts.

Usage: node scripts/generate-configuration.ts [--check]

  --check   write nothing; fail when the page is stale
`;

if (process.argv.includes("--help")) {
  process.stdout.write(USAGE);
} else if (process.argv.includes("--check")) {
  if (readFileSync(PATH, "utf8") !== page()) {
    process.stdout.write("docs/operating/configuration.md is stale: npm run generate\n");
    process.exitCode = 1;
  }
} else {
  writeFileSync(PATH, page());
}

function page(): string {
  const variables: readonly Variable<unknown>[] = Object.values(VARIABLES);
  return `# Configuration

<!-- Made from server/src/config.ts by scripts/generate-configuration.ts. Change it there. -->

Everything is set by environment variables, read once at the start. An empty variable counts as
absent. Whatever is wrong is told at once, all of it, and the process does not start (exit code 78).

${variables.map(section).join("\n")}`;
}

function section(variable: Variable<unknown>): string {
  const { name, unit, fallback, defaultText, range, sentence, isSecret } = variable;
  const byDefault = defaultText ?? (fallback === false ? "off" : fallback);
  const rows = [
    ...(unit === "" ? [] : [`- Unit: ${unit}`]),
    `- Default: ${byDefault}`,
    `- Range: ${range}`,
    ...(isSecret === true ? ["- Secret: never logged, never repeated in a message"] : []),
  ];
  return `## ${name}\n\n${sentence}\n\n${rows.join("\n")}\n`;
}
