import type { ParseArgsConfig } from "node:util";
import { exportData } from "./export.ts";
import { importData } from "./import.ts";
import { runMigrate } from "./migrate.ts";
import { runSeed } from "./seed.ts";
import { serve } from "./serve.ts";

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** A command of the process. Its number is the exit code. */
export interface Command {
  readonly summary: string;
  readonly usage: string;
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  execute(
    values: Values,
    words: readonly string[],
    environment: NodeJS.ProcessEnv,
  ): Promise<number>;
}

const CONFIGURATION = `Configuration comes from the environment: docs/operating/configuration.md.\n`;

export const COMMANDS: Readonly<Record<string, Command>> = {
  serve: {
    summary: "answer requests and do what is due",
    usage: `tessera serve [--role all|api|worker]

  --role all      both, in one process (the default)
  --role api      only answer requests
  --role worker   only do what is due: end holds, settle cancelled events, forget old answers

${CONFIGURATION}`,
    options: { role: { type: "string", default: "all" } },
    execute: (values, _words, environment) => serve(environment, String(values["role"])),
  },
  migrate: {
    summary: "bring the database to this version's schema",
    usage: `tessera migrate\n\nRepeating it does nothing. Several at once take turns.\n\n${CONFIGURATION}`,
    options: {},
    execute: (_values, _words, environment) => runMigrate(environment),
  },
  seed: {
    summary: "make the demo events, where there are no events yet",
    usage: `tessera seed\n\nDoes nothing in a database that has events.\n\n${CONFIGURATION}`,
    options: {},
    execute: (_values, _words, environment) => runSeed(environment),
  },
  export: {
    summary: "write everything to one file",
    usage: `tessera export FILE\n\nWrites all data to FILE (gzip, one JSON value a line). Stop the server first.\n\n${CONFIGURATION}`,
    options: {},
    execute: (_values, words, environment) => exportData(environment, words),
  },
  import: {
    summary: "read such a file into an empty database",
    usage: `tessera import FILE\n\nReads what "export" wrote into an empty database, then compares the counts and proves the ledger.\n\n${CONFIGURATION}`,
    options: {},
    execute: (_values, words, environment) => importData(environment, words),
  },
};

export const USAGE = `tessera: ticket reservations

Usage: tessera COMMAND [OPTIONS]; "tessera COMMAND --help" says more.

${Object.entries(COMMANDS)
  .map(([name, command]) => `  ${name.padEnd(10)}${command.summary}`)
  .join("\n")}

${CONFIGURATION}`;
