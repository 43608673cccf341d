import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { administer } from "../server/test/postgres-template.ts";
import { CONNECTIONS } from "./wrk.ts";

/** The processor as people call it. */
export function cpuModel(): string {
  return (cpus()[0]?.model ?? "unknown processor").replaceAll(/\(R\)|\(TM\)/g, "").trim();
}

/** Where the figures come from, by name. */
export async function describeMachine(options: {
  /** What makes the load. */
  readonly generator: string;
  readonly rounds: number;
  readonly seconds: number;
  readonly hasPostgres: boolean;
}): Promise<(readonly [string, string])[]> {
  return [
    ["machine", `${cpuModel()}, ${cpus().length} cores, ${gibibytes(totalmem())} GiB memory`],
    ["system", `${type()} ${release()}, Node.js ${process.version}`],
    ["PostgreSQL", options.hasPostgres ? await postgresSettings() : "none"],
    ["load", `${options.generator}, 1 thread, ${CONNECTIONS} connections`],
    ["rounds", `${options.rounds} of ${options.seconds} s each side, in turns`],
    ["commit", commit()],
    ["busy before", `load average ${loadavg()[0]?.toFixed(2)} (above 0.5 the figures are noise)`],
  ];
}

function gibibytes(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}

async function postgresSettings(): Promise<string> {
  let text = "";
  await administer(async (client) => {
    const { rows } = await client.query<{ name: string; setting: string }>(
      `select name, current_setting(name) as setting
         from unnest(array['server_version', 'fsync', 'synchronous_commit', 'shared_buffers']) name`,
    );
    text = rows.map(({ name, setting }) => `${name} ${setting}`).join(", ");
  });
  return text;
}

function commit(): string {
  try {
    const git = (...words: string[]) =>
      execFileSync("git", words, { cwd: import.meta.dirname, encoding: "utf8" }).trim();
    const isChanged = git("status", "--porcelain", "--", "..") !== "";
    return `${git("rev-parse", "--short", "HEAD")}${isChanged ? ", with changes" : ""}`;
  } catch {
    return "unknown";
  }
}
