import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { runAutocannon } from "./autocannon.ts";
import type { Side } from "./measurement.ts";
import { watchUsage } from "./process-usage.ts";
import { countedBetween, type RequestCounts, requestCounts } from "./request-counts.ts";
import type { RunningServer } from "./running-server.ts";
import { median } from "./statistics.ts";
import { CONNECTIONS, type LoadCounts, runWrk, wrkVersion } from "./wrk.ts";
import { wrkScript } from "./wrk-script.ts";

/** What one side did in one round. */
export interface Round {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuCores: number | null;
  readonly rssMb: number | null;
  /** Answered within the time. */
  readonly requests: number;
  /** What our server counted itself, all of its processes; null for servers that do not. */
  readonly counted: RequestCounts | null;
  /** Everything that makes it no measurement: errors and answers that were not expected. */
  readonly faults: readonly string[];
}

const hasWrk = (await wrkVersion()) !== null;

/** Where the requests of each server's load go on in the next round. */
export type Positions = Map<RunningServer, number>;

/** Loads all servers of a side at once, sharing the connections among them. */
export async function runRound(
  { servers, load, connections: all = CONNECTIONS }: Side,
  options: {
    readonly round: number;
    readonly seconds: number;
    readonly directory: string;
    readonly positions: Positions;
  },
): Promise<Round> {
  const { round, seconds, directory, positions } = options;
  const connections = Math.floor(all / servers.length);
  const requests = load.requests(round);
  const before = await Promise.all(servers.map(requestCounts));
  const endWatching = await watchUsage(servers.map(({ pid }) => pid));
  const counts = await Promise.all(
    servers.map(async (server) => {
      const { url, name, pid } = server;
      const position = positions.get(server) ?? 0;
      const sent = { requests, keyPrefix: `${randomUUID()}-`, position };
      const generator = { url, connections, seconds };
      const result = hasWrk
        ? await runWrk({
            ...generator,
            script: wrkScript({ ...sent, host: new URL(url).host }),
            scriptFile: join(directory, `${name}-${pid}.lua`),
          })
        : await runAutocannon({ ...generator, ...sent });
      positions.set(server, result.position);
      return result;
    }),
  );
  const usage = await endWatching();
  const after = await Promise.all(servers.map(requestCounts));
  const counted = sumCounts(before, after);
  return {
    requestsPerSecond: counts.reduce((sum, one) => sum + rate(one), 0),
    p50Ms: median(counts.map(({ p50 }) => p50)) / 1000,
    p99Ms: Math.max(...counts.map(({ p99 }) => p99)) / 1000,
    ...usage,
    requests: counts.reduce((sum, one) => sum + one.requests, 0),
    counted,
    faults: [
      ...counts.flatMap((one) => faultsOf(one, load.status)),
      ...faultsCounted(counted, load.status),
    ],
  };
}

function rate({ requests, microseconds }: LoadCounts): number {
  return requests / (microseconds / 1_000_000);
}

/** What the load generator saw that it was not to see. It tells refusals from answers, not one refusal from another. */
function faultsOf(counts: LoadCounts, status: number): string[] {
  const { requests, statusAbove399 } = counts;
  const unexpected = status > 399 ? requests - statusAbove399 : statusAbove399;
  const sockets = counts.connect + counts.read + counts.write + counts.timeout;
  return [
    ...(requests === 0 ? ["no answers"] : []),
    ...(sockets === 0 ? [] : [`${sockets} errors of connections`]),
    ...(unexpected === 0 ? [] : [`${unexpected} of ${requests} answers were not ${status}`]),
  ];
}

/** What the server itself says it answered besides what was expected. */
function faultsCounted(counted: RequestCounts | null, status: number): string[] {
  const expected = `${Math.floor(status / 100)}xx`;
  return [...(counted ?? [])]
    .filter(([statusClass]) => statusClass !== expected)
    .map(([statusClass, count]) => `the server counted ${count} answers of ${statusClass}`);
}

function sumCounts(
  before: readonly (RequestCounts | null)[],
  after: readonly (RequestCounts | null)[],
): RequestCounts | null {
  const sum = new Map<string, number>();
  for (const [index, last] of after.entries()) {
    const first = before[index];
    if (last === null || first === null || first === undefined) return null;
    for (const [status, count] of countedBetween(first, last)) {
      sum.set(status, (sum.get(status) ?? 0) + count);
    }
  }
  return sum;
}
