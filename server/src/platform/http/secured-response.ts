import { ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import type { RequestMeter } from "../request-meters.ts";

/** What an answer that is no page may do in a browser: nothing. */
const API_POLICY =
  "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/** What a page may do: use what this server has, and nothing else. */
const PAGE_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/** What of a device a page may use: nothing, unless it says so. */
const PAGE_PERMISSIONS = "camera=(), geolocation=(), microphone=()";

/**
 * The headers @fastify/helmet sets, with the policy of an API. Setting them one by one costs a
 * tenth of the throughput of an echo (helmet itself more than half), so they are written as one
 * ready-made block.
 */
export function securityHeaders({ https }: { readonly https: boolean }): Record<string, string> {
  return {
    "content-security-policy": API_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "origin-agent-cluster": "?1",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-dns-prefetch-control": "off",
    "x-download-options": "noopen",
    "x-frame-options": "DENY",
    "x-permitted-cross-domain-policies": "none",
    "x-xss-protection": "0",
    ...(https ? { "strict-transport-security": "max-age=31536000; includeSubDomains" } : {}),
  };
}

const REQUEST_ID = Symbol("request id");

/** Gives the id to whoever writes the head of the answer. */
export function tellRequestId(request: object, id: string): void {
  (request as { [REQUEST_ID]?: string })[REQUEST_ID] = id;
}

const USED = Symbol("used");
interface UsedSocket {
  [USED]?: boolean;
}

/** Whether a connection has carried a request. Node calls one that has not "active", not "idle". */
export function isUsed(socket: object): boolean {
  return (socket as UsedSocket)[USED] === true;
}

interface Internals {
  _storeHeader?(this: ServerResponse, firstLine: string, own: unknown): void;
}
const { _storeHeader: storeHeader } = ServerResponse.prototype as unknown as Internals;

/** A response that writes the ready-made block by itself, and times how long it took to begin. */
export interface SecuredResponse extends ServerResponse {
  /** The time runs; when the head is written, the meter is told. */
  begin(meter: RequestMeter): void;
  /** The meter it is timed by, null where it is not. */
  readonly meter: RequestMeter | null;
}

/** The meter an answer is timed by, null where it is not. */
export function meterOf(response: object): RequestMeter | null {
  return (response as Partial<SecuredResponse>).meter ?? null;
}

export type SecuredResponseClass = new (
  ...parameters: ConstructorParameters<typeof ServerResponse>
) => SecuredResponse;

const NOT_MODIFIED = 304;
/**
 * What an answer may say otherwise than the block. A 304 says none of them: browsers would put them in the
 * place of what the kept answer said, and a page that came back would have the policy of an API.
 */
const POLICIES: OwnHeaders = {
  "content-security-policy": "",
  "cross-origin-resource-policy": "",
  "permissions-policy": "",
  "x-frame-options": "",
};

const POLICY_NAMES = Object.keys(POLICIES);

/** Answers hold tokens and people's names: no cache keeps one unless the route says so. */
const NOT_STORED = "cache-control: no-store\r\n";

/**
 * Node's response, which starts its head with the ready-made block and the request's id, and says
 * `Connection: close` once the server is closing. Answers in HTML get the policies for pages. An answer
 * that brings its own policy on content, framing, the device or use by other sites replaces the block's.
 *
 * It extends `_storeHeader`, which is not documented; where Node lacks it, this gives undefined and
 * the headers are to be set one by one. Tests read the head off the wire.
 * Source: docs/decisions/0009-security-headers-as-one-block.md
 */
export function securedResponse(
  headers: Record<string, string>,
  server: { readonly isClosing: boolean },
): SecuredResponseClass | undefined {
  if (storeHeader === undefined) return undefined;
  const pageHeaders = {
    ...headers,
    "content-security-policy": PAGE_POLICY,
    "permissions-policy": PAGE_PERMISSIONS,
  };
  const block = headLines(headers, {});
  const pageBlock = headLines(pageHeaders, {});
  const notModifiedBlock = headLines(headers, POLICIES);
  const linesFor = (own: OwnHeaders, status: number): string => {
    const isPage = isHtml(own["content-type"]);
    let lines = isPage ? pageBlock : block;
    if (status === NOT_MODIFIED) lines = notModifiedBlock;
    else if (POLICY_NAMES.some((name) => own[name] !== undefined)) {
      lines = headLines(isPage ? pageHeaders : headers, own);
    }
    return own["cache-control"] === undefined ? lines + NOT_STORED : lines;
  };
  return class extends ServerResponse implements SecuredResponse {
    meter: RequestMeter | null = null;
    #startedAtMs = 0;

    constructor(...parameters: ConstructorParameters<typeof ServerResponse>) {
      super(...parameters);
      (this.req.socket as UsedSocket)[USED] = true;
    }

    begin(meter: RequestMeter): void {
      this.meter = meter;
      this.#startedAtMs = performance.now();
    }

    _storeHeader(firstLine: string, given: OwnHeaders | null | undefined): void {
      if (server.isClosing) this.shouldKeepAlive = false;
      const own = given ?? {};
      let lines = linesFor(own, this.statusCode);
      if (own["x-request-id"] === undefined) {
        lines += `x-request-id: ${(this.req as { [REQUEST_ID]?: string })[REQUEST_ID]}\r\n`;
      }
      storeHeader?.call(this, firstLine + lines, given);
      if (this.meter !== null) {
        this.meter.answered(this.statusCode, (performance.now() - this.#startedAtMs) / 1000);
      }
    }
  };
}

/** Headers as given to `writeHead`, or, after `setHeader`, with the name as it was spelled. */
type OwnHeaders = Record<string, string | readonly [name: string, value: string] | undefined>;

function isHtml(contentType: OwnHeaders[string]): boolean {
  const type = Array.isArray(contentType) ? contentType[1] : contentType;
  return typeof type === "string" && type.startsWith("text/html");
}

function headLines(headers: Record<string, string>, except: OwnHeaders): string {
  return Object.entries(headers)
    .filter(([name]) => except[name] === undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
}
