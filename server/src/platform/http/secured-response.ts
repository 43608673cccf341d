import { type OutgoingHttpHeaders, ServerResponse } from "node:http";

/** What answers without a policy of their own may do in a browser: nothing. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * The headers @fastify/helmet sets, with the policy of an API. Setting them one by one costs a
 * tenth of the throughput of an echo (helmet itself more than half), so they are written as one
 * ready-made block.
 */
export function securityHeaders({ https }: { readonly https: boolean }): Record<string, string> {
  return {
    "content-security-policy": CONTENT_SECURITY_POLICY,
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

export const REQUEST_ID = Symbol("request id");
export interface WithRequestId {
  [REQUEST_ID]?: string;
}

interface Internals {
  _storeHeader?(this: ServerResponse, firstLine: string, headers: unknown): void;
}
const { _storeHeader: storeHeader } = ServerResponse.prototype as unknown as Internals;

/**
 * Node's response, which starts its head with the ready-made block and the request's id, and says
 * `Connection: close` once the server is closing. A policy that the answer brings along replaces
 * the one of the block.
 *
 * It extends `_storeHeader`, which is not documented; where Node lacks it, this gives undefined and
 * the headers are to be set one by one. Tests read the head off the wire.
 */
export function securedResponse(
  headers: Record<string, string>,
  isClosing: () => boolean,
): typeof ServerResponse | undefined {
  if (storeHeader === undefined) return undefined;
  const { "content-security-policy": policy, ...others } = headers;
  const block = headLines(others);
  const blockWithPolicy = `${headLines({ "content-security-policy": policy ?? "" })}${block}`;
  class SecuredResponse extends ServerResponse {
    _storeHeader(firstLine: string, own: OutgoingHttpHeaders | undefined): void {
      if (isClosing()) this.shouldKeepAlive = false;
      const lines = own?.["content-security-policy"] === undefined ? blockWithPolicy : block;
      const id = (this.req as WithRequestId)[REQUEST_ID] ?? "";
      storeHeader?.call(this, `${firstLine}${lines}x-request-id: ${id}\r\n`, own);
    }
  }
  return SecuredResponse as typeof ServerResponse;
}

function headLines(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
}
