import type { RunningServer } from "./running-server.ts";

/** Requests a server has answered, by class of status ("2xx"). */
export type RequestCounts = ReadonlyMap<string, number>;

const LINE = /^http_requests_total\{(.*),status="(\dxx)"\} (\d+)$/gm;

/** What our server itself counted, without the questions for it. Null for servers that do not count. */
export async function requestCounts(server: RunningServer): Promise<RequestCounts | null> {
  if (server.name !== "tessera") return null;
  const response = await fetch(`${server.url}/metrics`);
  const text = await response.text();
  const counts = new Map<string, number>();
  for (const [, labels = "", status = "", count = ""] of text.matchAll(LINE)) {
    if (labels.includes('route="/metrics"')) continue;
    counts.set(status, (counts.get(status) ?? 0) + Number(count));
  }
  return counts;
}

/** The counts that came between two readings. */
export function countedBetween(before: RequestCounts, after: RequestCounts): RequestCounts {
  const all = [...after].map(
    ([status, count]) => [status, count - (before.get(status) ?? 0)] as const,
  );
  return new Map(all.filter(([, count]) => count > 0));
}
