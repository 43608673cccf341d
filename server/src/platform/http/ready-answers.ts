import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { RequestMeter } from "../request-meters.ts";
import { matchesEtag } from "./etag.ts";
import { refuseRequest } from "./request-checks.ts";
import { meterOf, type SecuredResponse, tellRequestId } from "./secured-response.ts";

/** What a route answered to somebody without credentials, kept whole. */
export interface ReadyAnswer {
  readonly etag: string;
  /** Beside the tag; without length. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether the route would still answer this to anybody who asks at this address. Asked each time. */
  readonly isTrue: () => boolean;
}

interface Kept extends ReadyAnswer {
  readonly head: Readonly<Record<string, string | number>>;
  readonly meter: RequestMeter | null;
}

/** Characters kept, a single answer aside; what was kept longest ago makes room. */
const CHARACTERS_MAX = 32 * 1024 * 1024;
/** What an answer takes beside its body. */
const HEAD_CHARACTERS = 1024;
/** One spelling of a short path: whatever else Node lets through would make many addresses of one. */
const PLAIN_ADDRESS = /^[A-Za-z0-9/_.~-]{1,200}$/;
const READY = Symbol("ready answers");

/** The answers that are kept, by address. */
class Answers {
  readonly #byAddress = new Map<string, Kept>();
  #characters = 0;

  get(address: string): Kept | undefined {
    return this.#byAddress.get(address);
  }

  keep(address: string, answer: Kept): void {
    this.drop(address);
    this.#byAddress.set(address, answer);
    this.#characters += answer.body.length + HEAD_CHARACTERS;
    for (const oldest of this.#byAddress.keys()) {
      if (this.#characters <= CHARACTERS_MAX || oldest === address) break;
      this.drop(oldest);
    }
  }

  drop(address: string): void {
    const answer = this.#byAddress.get(address);
    if (answer === undefined) return;
    this.#byAddress.delete(address);
    this.#characters -= answer.body.length + HEAD_CHARACTERS;
  }
}

/**
 * Answers what everybody asks for in the same second before it is routed: a GET without credentials,
 * at an address whose last answer is still true. It is the answer of the route, with the same
 * headers, conditions and counters; anything unusual about a request leaves it to the route.
 */
export function answerReady(server: FastifyInstance, nextRequestId: () => string): void {
  const kept = new Answers();
  server.decorateRequest(READY, { getter: () => kept } as never);
  const http: Server = server.server;
  const routes = http.listeners("request");
  http.removeAllListeners("request");
  http.on("request", (request, response) => {
    const answer = request.method === "GET" ? kept.get(request.url ?? "") : undefined;
    if (answer !== undefined && isPlain(request)) {
      if (answer.isTrue()) {
        tellRequestId(request, nextRequestId());
        sendKept(request, response, answer);
        return;
      }
      kept.drop(request.url ?? "");
    }
    for (const route of routes) route.call(http, request, response);
  });
}

/** Keeps what is about to be sent, if anybody would get it: nothing was asked for by query or credentials. */
export function keepReady(request: FastifyRequest, reply: FastifyReply, answer: ReadyAnswer): void {
  const { url, raw } = request;
  if (raw.method !== "GET" || !PLAIN_ADDRESS.test(url) || !isPlain(raw)) return;
  const kept = (request as unknown as { readonly [READY]: Answers })[READY];
  const { etag, body } = answer;
  const head = { ...answer.headers, etag, "content-length": Buffer.byteLength(body) };
  kept.keep(url, { ...answer, head, meter: meterOf(reply.raw) });
}

/** Without credentials, without a body, and nothing that the checks of every request refuse. */
function isPlain(request: IncomingMessage): boolean {
  const { headers } = request;
  return (
    headers.authorization === undefined &&
    headers.cookie === undefined &&
    headers["content-length"] === undefined &&
    headers["transfer-encoding"] === undefined &&
    refuseRequest(request) === null
  );
}

function sendKept(request: IncomingMessage, response: ServerResponse, answer: Kept): void {
  if (answer.meter !== null) (response as SecuredResponse).begin(answer.meter);
  if (matchesEtag(request, answer.etag)) {
    const { "content-type": _, "content-length": __, ...head } = answer.head;
    response.writeHead(304, head).end();
    return;
  }
  response.writeHead(200, answer.head).end(answer.body);
}
