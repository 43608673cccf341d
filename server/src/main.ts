import { parseArgs } from "node:util";
import { codeOf } from "#platform/database/faults.ts";
import { COMMANDS, USAGE } from "./commands/commands.ts";
import { ConfigError } from "./config.ts";

// The process: which command, with which words; what goes wrong is said in a sentence.

const [name = "serve", ...words] = process.argv.slice(2);
const command = COMMANDS[name];

if (name === "--help" || name === "-h" || name === "help") {
  process.stdout.write(USAGE);
} else if (command === undefined) {
  process.stderr.write(`There is no command "${name}".\n\n${USAGE}`);
  process.exitCode = 2;
} else {
  await run(command);
}

async function run({ options, usage, execute }: (typeof COMMANDS)[string]): Promise<void> {
  try {
    const { values, positionals } = parseArgs({
      args: words,
      options: { ...options, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
    });
    if (values["help"] === true) {
      process.stdout.write(usage);
      return;
    }
    process.exitCode = await execute(values, positionals, process.env);
  } catch (error) {
    process.exitCode = explain(error, usage);
  }
}

/** What is ours to explain is a sentence; anything else is a bug and shows where it is. */
function explain(error: unknown, usage: string): number {
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`);
    return 78;
  }
  if (error instanceof TypeError && String(codeOf(error)).startsWith("ERR_PARSE_ARGS")) {
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
  const wanted =
    process.env["LOG_LEVEL"] === "debug" && error instanceof Error ? error.stack : null;
  process.stderr.write(
    `tessera: ${wanted ?? (error instanceof Error ? error.message : String(error))}\n`,
  );
  return 1;
}
