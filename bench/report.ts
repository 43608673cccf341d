import type { Result } from "./measure.ts";
import { median } from "./statistics.ts";

export type Verdict = "met" | "missed" | "invalid" | "no bar";

/** What the rounds say about the bars of a result: that of its ratio and that of its memory. */
export function verdictOf(result: Result): Verdict {
  const { bar, memoryMbMax, faults, ratios, ours } = result;
  if (faults.length > 0) return "invalid";
  if (bar !== null && !(median(ratios) >= bar)) return "missed";
  if (memoryMbMax !== null && ours.rssMb !== null && ours.rssMb > memoryMbMax) return "missed";
  return bar === null && memoryMbMax === null ? "no bar" : "met";
}

const HEAD = [
  "measurement",
  "database",
  "figure",
  "spread",
  "bar",
  "verdict",
  "to echo",
  "req/s",
  "of reference",
  "p50 ms",
  "p99 ms",
  "CPU",
  "RSS MB",
] as const;

/** The table of the contract in Markdown, a line a result, columns aligned. */
export function table(results: readonly Result[]): string {
  const rows = [HEAD, ...results.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head, ...rest] = rows.map(line);
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return `${[head, rule, ...rest].join("\n")}\n`;
}

function cells(result: Result): string[] {
  const { ours, ratios, bar, memoryMbMax, referenceName } = result;
  const memory = ours.rssMb === null ? "?" : ours.rssMb.toFixed(0);
  return [
    `(${result.letter}) ${result.title}`,
    result.database,
    `${ratio(median(ratios))} of ${referenceName}`,
    `${ratio(Math.min(...ratios))} to ${ratio(Math.max(...ratios))}`,
    bar === null ? "" : `>= ${ratio(bar)}`,
    verdictOf(result),
    ratio(median(result.toEcho)),
    ours.requestsPerSecond.toFixed(0),
    (result.reference ?? result.echo).requestsPerSecond.toFixed(0),
    ours.p50Ms.toFixed(1),
    ours.p99Ms.toFixed(1),
    ours.cpuCores === null ? "?" : `${(ours.cpuCores * 100).toFixed(0)} %`,
    memoryMbMax === null ? memory : `${memory} (<= ${memoryMbMax})`,
  ];
}

function ratio(value: number): string {
  return value.toFixed(2);
}

/** Every fault of every result, a line each. */
export function faultLines(results: readonly Result[]): string {
  return results
    .flatMap(({ letter, title, database, faults }) =>
      faults.map((fault) => `- (${letter}) ${title}, ${database}: ${fault}\n`),
    )
    .join("");
}

/** The page that is kept: what was measured, by which command, on what. */
export function resultsPage(options: {
  readonly date: string;
  readonly command: string;
  readonly machine: readonly (readonly [string, string])[];
  readonly results: readonly Result[];
}): string {
  const { date, command, machine, results } = options;
  const faults = faultLines(results);
  return `# ${date}

Made by \`${command}\`. How to read it: [the page on performance](../README.md).

${machine.map(([name, value]) => `- ${name}: ${value}\n`).join("")}
${table(results)}${faults === "" ? "" : `\nNo measurements, because of:\n\n${faults}`}`;
}
