import { spawnSync } from "node:child_process";
import { generators, ROOT } from "./generators.ts";

// npm run generate: writes every file that is generated and committed. Read their diffs first in a review.

for (const { script, writes } of generators()) {
  process.stdout.write(`${writes}\n`);
  const { status } = spawnSync(process.execPath, [script], { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) {
    process.stdout.write(`${script} failed\n`);
    process.exit(1);
  }
}
