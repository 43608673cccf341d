import autocannon from "autocannon";
import type { LoadRequest } from "./measurement.ts";
import type { LoadCounts } from "./wrk.ts";

/**
 * Loads one server for whole seconds where there is no wrk. It is slower than wrk and shares this process's
 * thread: good enough to see whether something works and roughly where it stands, not for the bars.
 */
export async function runAutocannon(options: {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly requests: readonly LoadRequest[];
  readonly keyPrefix: string;
  readonly position: number;
}): Promise<LoadCounts> {
  const { url, connections, seconds, requests, keyPrefix, position } = options;
  let sent = position;
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    requests: requests.map(({ method, path, headers, body, hasOwnKey }) => ({
      method,
      path,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      setupRequest: (request) => {
        sent++;
        return hasOwnKey === true
          ? {
              ...request,
              headers: { ...request.headers, "idempotency-key": `${keyPrefix}${sent}` },
            }
          : request;
      },
    })),
  });
  return {
    requests: result.requests.total,
    microseconds: result.duration * 1_000_000,
    p50: result.latency.p50 * 1000,
    p99: result.latency.p99 * 1000,
    connect: 0,
    read: result.errors - result.timeouts,
    write: 0,
    timeout: result.timeouts,
    statusAbove399: result["4xx"] + result["5xx"],
    position: sent,
  };
}
