import type { TableProgress } from "#platform/database/export.ts";

const EVERY_MS = 2_000;

/** Says on standard error, every two seconds, how far a long piece of work is. */
export function tableProgress(verb: string): TableProgress {
  let said = performance.now();
  return (table, done, rows) => {
    if (performance.now() - said < EVERY_MS) return;
    said = performance.now();
    process.stderr.write(`${verb} ${done} of ${rows} rows of ${table}\n`);
  };
}
