import { readFile } from "node:fs/promises";

/** How many clock ticks Linux counts a second; it is 100 on every platform Node.js runs on. */
const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 250;

/** What processes used while they were watched. Null where the system does not tell (no /proc). */
export interface Usage {
  /** Cores kept busy on average: 1 is one whole core. */
  readonly cpuCores: number | null;
  /** The most resident memory seen, all processes together. */
  readonly rssMb: number | null;
}

/** Watches processes from now on; the function it gives ends that and says what was seen. */
export async function watchUsage(pids: readonly number[]): Promise<() => Promise<Usage>> {
  const startedAt = performance.now();
  const ticksBefore = await sumOf(pids, cpuTicks);
  let rssKbMost = await sumOf(pids, rssKb);
  const sample = async () => {
    const now = await sumOf(pids, rssKb);
    if (now !== null) rssKbMost = Math.max(rssKbMost ?? 0, now);
  };
  const timer = setInterval(() => void sample(), SAMPLE_MS);
  return async () => {
    clearInterval(timer);
    await sample();
    const ticks = await sumOf(pids, cpuTicks);
    const seconds = (performance.now() - startedAt) / 1000;
    return {
      cpuCores:
        ticks === null || ticksBefore === null
          ? null
          : (ticks - ticksBefore) / TICKS_PER_SECOND / seconds,
      rssMb: rssKbMost === null ? null : rssKbMost / 1024,
    };
  };
}

async function sumOf(
  pids: readonly number[],
  read: (pid: number) => Promise<number | null>,
): Promise<number | null> {
  const found = await Promise.all(pids.map(read));
  return found.reduce<number | null>(
    (sum, value) => (sum === null || value === null ? null : sum + value),
    0,
  );
}

/** User and system time of a process and its threads. */
async function cpuTicks(pid: number): Promise<number | null> {
  const text = await readProc(pid, "stat");
  if (text === null) return null;
  // The name of the program, in brackets, may hold spaces: count from behind it.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

async function rssKb(pid: number): Promise<number | null> {
  const text = await readProc(pid, "status");
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(text ?? "")?.[1];
  return found === undefined ? null : Number(found);
}

async function readProc(pid: number, name: string): Promise<string | null> {
  try {
    return await readFile(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return null;
  }
}
