import { routes } from "./generated.ts";
import type { AnyOperationId, CallOptions, DataOf, OperationId, RequestOf } from "./operations.ts";
import { parseJson, problemOf, TesseraUnreachable } from "./problem.ts";
import { type Delay, delay, withRetries } from "./retry.ts";

export interface TesseraOptions {
  /** Where the server is: `https://tickets.example.org`. In a browser, `""` is the page's own. */
  readonly baseUrl: string;
  /** Sent with every call that brings no token of its own. */
  readonly token?: string | undefined;
  /** In which language texts are wanted, as `Accept-Language`, where a call does not say. */
  readonly language?: string | undefined;
  /** Instead of the platform's. */
  readonly fetch?: typeof fetch | undefined;
  /** How often a call is sent again at most; 3 if left out. */
  readonly retries?: number | undefined;
  /** How long one attempt may take; 30 s if left out. */
  readonly timeoutMs?: number | undefined;
  /** Instead of waiting by a timer. */
  readonly delay?: Delay | undefined;
}

export interface Settings {
  readonly baseUrl: string;
  readonly token: string | undefined;
  readonly language: string | undefined;
  readonly fetch: typeof fetch;
  readonly retries: number;
  readonly timeoutMs: number;
  readonly delay: Delay;
}

/** A successful answer with what came beside its body. */
export interface Reply<Data> {
  readonly data: Data;
  readonly status: number;
  /** The server had done this before, under the same idempotency key, and repeated its answer. */
  readonly replayed: boolean;
  readonly requestId: string | null;
}

/**
 * Asks for one operation. Every write carries an idempotency key, the same on all its attempts, so
 * it is done at most once however often it is sent.
 *
 * @throws `TesseraProblem` when the server refuses or fails.
 * @throws `TesseraUnreachable` when no answer came in any attempt.
 */
export type Call = <Id extends OperationId>(
  operationId: Id,
  request: RequestOf<Id>,
) => Promise<Reply<DataOf<Id>>>;

interface AnyRequest extends CallOptions {
  readonly path?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
}

/** @throws `TypeError` when the base URL is none, so that no call waits for a server that cannot be. */
export function settingsOf(options: TesseraOptions): Settings {
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const { location } = globalThis as { readonly location?: { readonly href: string } };
  if (!/^https?:$/.test(URL.parse(`${baseUrl}/`, location?.href)?.protocol ?? "")) {
    throw new TypeError(`baseUrl is not an address: "${options.baseUrl}"`);
  }
  return {
    baseUrl,
    token: options.token,
    language: options.language,
    fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
    retries: options.retries ?? 3,
    timeoutMs: options.timeoutMs ?? 30_000,
    delay: options.delay ?? delay,
  };
}

export function createCall(settings: Settings): Call {
  return <Id extends OperationId>(operationId: Id, request: RequestOf<Id>) => {
    const wanted = request as AnyRequest;
    const sendable = toFetch(settings, operationId, wanted);
    return withRetries(() => send<DataOf<Id>>(settings, sendable, wanted), {
      retries: settings.retries,
      delay: settings.delay,
      signal: wanted.signal,
    });
  };
}

/** What `fetch` is given for an operation, but for the signal. The idempotency key is made here. */
export function toFetch(
  settings: Settings,
  operationId: AnyOperationId,
  request: AnyRequest,
): { readonly url: string; readonly init: RequestInit } {
  const { method, path } = routes[operationId];
  const headers = new Headers({
    accept: "application/json, application/problem+json, text/event-stream",
  });
  const token = request.token === undefined ? settings.token : request.token;
  if (token != null) headers.set("authorization", `Bearer ${token}`);
  const language = request.language ?? settings.language;
  if (language !== undefined) headers.set("accept-language", language);
  if (method !== "GET") {
    headers.set("idempotency-key", request.idempotencyKey ?? newKey());
  }
  if (request.body !== undefined) headers.set("content-type", "application/json");
  const body = request.body === undefined ? null : JSON.stringify(request.body);
  return {
    url: settings.baseUrl + fill(path, request.path ?? {}) + queryOf(request.query ?? {}),
    init: { method, headers, body },
  };
}

async function send<Data>(
  settings: Settings,
  { url, init }: { readonly url: string; readonly init: RequestInit },
  { signal, timeoutMs }: CallOptions,
): Promise<Reply<Data>> {
  const signals = [
    AbortSignal.timeout(timeoutMs ?? settings.timeoutMs),
    ...(signal ? [signal] : []),
  ];
  const { response, text } = await fetchWhole(settings, url, {
    ...init,
    signal: AbortSignal.any(signals),
  }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new TesseraUnreachable(`no answer to ${init.method} ${url}`, { cause });
  });
  const data = text === "" ? undefined : parseJson(text);
  if (!response.ok || (text !== "" && data === undefined)) throw problemOf(response, text);
  return {
    data: data as Data,
    status: response.status,
    replayed: response.headers.get("idempotent-replayed") === "true",
    requestId: response.headers.get("x-request-id"),
  };
}

async function fetchWhole(
  { fetch }: Settings,
  url: string,
  init: RequestInit,
): Promise<{ response: Response; text: string }> {
  const response = await fetch(url, init);
  return { response, text: await response.text() };
}

/** 128 random bits. Not `randomUUID`, which browsers keep from pages that came over plain HTTP. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fill(path: string, values: Readonly<Record<string, string>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
}

function queryOf(query: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(
    given.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return text === "" ? "" : `?${text}`;
}
