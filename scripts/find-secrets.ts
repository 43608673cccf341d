import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Something that no log may hold. */
interface Secret {
  /** Where it stood: `answer.event_token`. */
  readonly name: string;
  readonly value: string;
}

export interface SecretSearch {
  readonly lines: number;
  readonly secrets: number;
  /** Each as `FILE:LINE: NAME`, never with the secret itself. */
  readonly finds: readonly string[];
}

/** Secrets are at least as long: what begins like one is looked at more closely. */
const START = 8;

/**
 * Looks into everything that a test run logged (`*.log`) for everything that was secret in it
 * (`*.secrets`, written by server/test/note-secrets.ts), as it is and as logs spell it.
 */
export function findSecrets(directory: string): SecretSearch {
  const secrets = readSecrets(directory);
  const byStart = new Map<string, Secret[]>();
  for (const { name, value } of secrets) {
    for (const spelling of new Set([
      value,
      JSON.stringify(value).slice(1, -1),
      encodeURIComponent(value),
    ])) {
      const start = spelling.slice(0, START);
      byStart.set(start, [...(byStart.get(start) ?? []), { name, value: spelling }]);
    }
  }
  let lines = 0;
  const finds: string[] = [];
  for (const file of globSync("*.log", { cwd: directory }).sort()) {
    const texts = readFileSync(join(directory, file), "utf8").split("\n");
    for (const [index, line] of texts.entries()) {
      if (line === "") continue;
      lines++;
      for (const name of namesIn(line, byStart)) finds.push(`${file}:${index + 1}: ${name}`);
    }
  }
  return { lines, secrets: secrets.length, finds };
}

function readSecrets(directory: string): Secret[] {
  const values = new Map<string, Secret>();
  for (const file of globSync("*.secrets", { cwd: directory })) {
    for (const line of readFileSync(join(directory, file), "utf8").split("\n")) {
      // The last line of a process that was killed may be cut.
      if (!line.endsWith("}")) continue;
      const secret = JSON.parse(line) as Secret;
      values.set(secret.value, secret);
    }
  }
  return [...values.values()];
}

/** The names of the secrets that stand somewhere in the line. */
function namesIn(line: string, byStart: ReadonlyMap<string, readonly Secret[]>): Set<string> {
  const names = new Set<string>();
  for (let index = 0; index + START <= line.length; index++) {
    for (const { name, value } of byStart.get(line.slice(index, index + START)) ?? []) {
      if (line.startsWith(value, index)) names.add(name);
    }
  }
  return names;
}
