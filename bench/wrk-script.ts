import type { LoadRequest } from "./measurement.ts";

/** Stands in a request where the key of each one sent goes. */
const KEY = "\u0001KEY\u0001";

export interface WrkScript {
  readonly requests: readonly LoadRequest[];
  readonly host: string;
  /** Begins every Idempotency-Key; never the same in two runs of wrk. */
  readonly keyPrefix: string;
  /** How many were sent before: the turn goes on from there. */
  readonly position: number;
}

/**
 * The Lua program that makes wrk send the requests in turn and print one line of JSON at the end,
 * behind `RESULT `. Requests are put together here, so that wrk only joins strings.
 */
export function wrkScript({ requests, host, keyPrefix, position }: WrkScript): string {
  const whole = requests.map((request) => rawRequest(request, host).split(KEY));
  const heads = whole.map(([head]) => luaString(head ?? ""));
  const tails = whole.map(([, tail]) => (tail === undefined ? "false" : luaString(tail)));
  return `local heads = {${heads.join(",\n")}}
local tails = {${tails.join(",\n")}}
local count = ${requests.length}
position = ${position}
function request()
  local turn = position % count + 1
  position = position + 1
  local tail = tails[turn]
  if not tail then return heads[turn] end
  return heads[turn] .. ${luaString(keyPrefix)} .. string.format("%010d", position) .. tail
end
local threads = {}
function setup(thread) table.insert(threads, thread) end
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"connect":%d,"read":%d,' ..
    '"write":%d,"timeout":%d,"statusAbove399":%d,"position":%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.timeout, errors.status,
    threads[1]:get("position")))
end
`;
}

function rawRequest({ method, path, headers, body, hasOwnKey }: LoadRequest, host: string): string {
  const content = body === undefined ? "" : JSON.stringify(body);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    ...(hasOwnKey === true ? [`Idempotency-Key: ${KEY}`] : []),
    ...(body === undefined
      ? []
      : ["Content-Type: application/json", `Content-Length: ${Buffer.byteLength(content)}`]),
  ];
  return `${lines.join("\r\n")}\r\n\r\n${content}`;
}

function luaString(text: string): string {
  const escaped = [...Buffer.from(text)].map((byte) => {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    return isPlain ? String.fromCharCode(byte) : `\\${byte.toString().padStart(3, "0")}`;
  });
  return `"${escaped.join("")}"`;
}
