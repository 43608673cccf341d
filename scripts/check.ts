import { spawn } from "node:child_process";
import { join } from "node:path";
import { generators, ROOT } from "./generators.ts";

// npm run check [-- WORD …]: all that can be said about the code without running it. With words, only the checks
// whose names contain one of them.

interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

const tool = (path: string) => join(ROOT, "node_modules", path);
const tsc = tool("typescript/bin/tsc");

const CHECKS: readonly Check[] = [
  { name: "types of server", command: [tsc, "--project", "server"] },
  { name: "types of sdk", command: [tsc, "--project", "sdk"] },
  { name: "types of web", command: [tsc, "--project", "web"] },
  { name: "types of scripts", command: [tsc, "--project", "scripts"] },
  {
    name: "lint and format",
    command: [tool("@biomejs/biome/bin/biome"), "ci", "--error-on-warnings", "--colors=off"],
  },
  { name: "unused code and packages", command: [tool("knip/bin/knip.js")] },
  ...generators().map(({ script, writes }) => ({
    name: `${writes} is fresh`,
    command: [script, "--check"],
  })),
];

const words = process.argv.slice(2);
let failed = 0;
for (const check of CHECKS) {
  if (words.length > 0 && !words.some((word) => check.name.includes(word))) continue;
  const startedAt = performance.now();
  const { code, output } = await run(check.command);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`${code === 0 ? "✓" : "✗"} ${check.name}  ${seconds} s\n`);
  if (code === 0) continue;
  failed++;
  process.stdout.write(`${output}\n`);
}
process.stdout.write(failed === 0 ? "Every check passed.\n" : `${failed} checks failed.\n`);
process.exitCode = failed === 0 ? 0 : 1;

async function run(command: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, command, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, output };
}
