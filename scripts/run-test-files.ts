import { appendFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join, relative } from "node:path";
import { run } from "node:test";
import { inspect } from "node:util";

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface RunOptions {
  /** Only tests whose name matches. */
  readonly namePattern: string | undefined;
  /** The directory for what is logged and for what is secret in it (find-secrets.ts). */
  readonly logs: string;
}

/** Sees whatever server a test makes. */
const NOTE_SECRETS = new URL("../server/test/note-secrets.ts", import.meta.url).href;
/** Longer than any file takes, shorter than anybody waits: a test that hangs fails. */
const FILE_MS_MAX = 180_000;

/** What the runner says of each file by itself: we say it in one line. */
const SUMMED_UP = /^(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;

/**
 * Runs test files, a process each, and tells of each when it is done: how many tests, how long, which were
 * skipped and why. What a failed test printed and threw is shown at once.
 */
export async function runFiles(
  root: string,
  files: readonly string[],
  { namePattern, logs }: RunOptions,
): Promise<TestCounts> {
  const printed = new Map<string, string>();
  let counts: TestCounts = { passed: 0, failed: 0, skipped: 0 };
  const write = (text: string) => process.stdout.write(text);
  const nameOf = (file: string | undefined) => relative(root, file ?? root);
  /** What a file printed since this was asked last. */
  const takePrinted = (file = "") => {
    const text = printed.get(file) ?? "";
    printed.delete(file);
    return text;
  };
  const keep = ({ file, message }: { file: string; message: string }) => {
    printed.set(file, (printed.get(file) ?? "") + message);
    appendFileSync(join(logs, `${basename(file)}-printed.log`), message);
  };

  const stream = run({
    cwd: root,
    files: files.map((file) => join(root, file)),
    // One more than the machine runs at a time: some files wait for a disk, a server or a child process.
    concurrency: availableParallelism() + 1,
    // The embedded database is WebAssembly: no file runs long enough for its optimizing compiler to pay.
    execArgv: ["--liftoff-only", `--import=${NOTE_SECRETS}`],
    env: { ...process.env, TEST_LOGS: logs },
    timeout: FILE_MS_MAX,
    ...(namePattern === undefined ? {} : { testNamePatterns: namePattern }),
  });
  stream.on("test:stdout", keep);
  stream.on("test:stderr", keep);
  stream.on("test:diagnostic", ({ message }) => {
    if (!SUMMED_UP.test(message)) write(`    ${message}\n`);
  });
  stream.on("test:pass", (event) => {
    if (event.skip === undefined) return;
    write(`  skipped: ${event.name}${typeof event.skip === "string" ? ` (${event.skip})` : ""}\n`);
  });
  stream.on("test:fail", ({ file, name, details }) => {
    const error: Error & { failureType?: string } = details.error;
    if (error.failureType === "subtestsFailed") return;
    write(
      `  FAILED: ${nameOf(file)}: ${name === file ? "the file itself" : name}\n${indent(takePrinted(file))}`,
    );
    write(`${indent(explain(error.cause ?? error))}\n`);
  });
  stream.on("test:summary", ({ file, counts: found, duration_ms: milliseconds }) => {
    const summary = {
      passed: found.passed,
      failed: found.tests - found.passed - found.skipped - found.todo,
      skipped: found.skipped + found.todo,
    };
    if (file === undefined) {
      counts = summary;
      return;
    }
    const sign = summary.failed > 0 ? "✗" : "✓";
    write(
      `  ${sign} ${nameOf(file)}  ${describe(summary)}  ${(milliseconds / 1000).toFixed(1)} s\n`,
    );
  });
  stream.resume();
  await new Promise((resolve) => stream.once("close", resolve));
  return counts;
}

function describe({ passed, failed, skipped }: TestCounts): string {
  const others = [failed > 0 ? `${failed} failed` : "", skipped > 0 ? `${skipped} skipped` : ""];
  return [`${passed} passed`, ...others].filter((text) => text !== "").join(", ");
}

/** What went wrong, without the frames of Node.js itself. */
function explain(error: unknown): string {
  const isAssertion = error instanceof Error && "code" in error && error.code === "ERR_ASSERTION";
  const text = isAssertion ? (error.stack ?? error.message) : inspect(error);
  return text.replace(/\n\s+at [^\n]*node:[^\n]*/g, "");
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "      ");
}
