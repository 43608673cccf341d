import { randomBytes } from "node:crypto";
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type SerializerFactory, SerializerSelector } from "@fastify/fast-json-stringify-compiler";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type onRequestHookHandler,
  type RouteOptions,
} from "fastify";
import type { Logger } from "../logger.ts";
import type { Metrics } from "../metrics.ts";
import type { Counters } from "../rate-limits/counters.ts";
import type { CapabilityTokens } from "../tokens/capability.ts";
import "./access.ts";
import { registerAuthentication } from "./authentication.ts";
import { answerClientError } from "./client-errors.ts";
import { registerDocumentation } from "./documentation.ts";
import { problemOf } from "./error-answer.ts";
import { createGuessLimit, type GuessLimit } from "./guess-limits.ts";
import { type IdentityReader, registerIdentification } from "./identification.ts";
import { registerJsonBody } from "./json-body.ts";
import { once } from "./once.ts";
import { collectOpenApi } from "./openapi.ts";
import { registerPrincipalLimits } from "./principal-limits.ts";
import { methodNotAllowed, notFound, Problem } from "./problem.ts";
import { sendProblem } from "./problem-response.ts";
import { registerRateLimits } from "./rate-limits.ts";
import { answerReady } from "./ready-answers.ts";
import { refuseRequest } from "./request-checks.ts";
import { declaredComponents } from "./schemas.ts";
import {
  isUsed,
  type SecuredResponseClass,
  securedResponse,
  securityHeaders,
  tellRequestId,
} from "./secured-response.ts";
import { createValidatorCompiler } from "./validation.ts";

/** A server with schemas by TypeBox. Routes are registered on it as Fastify plugins. */
export type HttpServer = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface HttpServerOptions {
  readonly config: HttpConfig;
  readonly tokens: CapabilityTokens;
  /** Left out: nobody is logged in, and no key or pass opens anything. */
  readonly identities?: IdentityReader;
  /** Null or left out: nobody is counted, and nobody asks too often. */
  readonly counters?: Counters | null;
  readonly log: Logger;
  readonly metrics?: Metrics;
}

export interface HttpConfig {
  /** Where clients reach this server: the base of problem types. Without a slash at the end. */
  readonly publicUrl: string;
  /** Proxies whose `X-Forwarded-…` are believed: addresses and networks, comma separated. */
  readonly trustProxy?: string | null;
  /** PEM texts; given, the server speaks HTTPS. */
  readonly tls?: { readonly cert: string; readonly key: string } | null;
  readonly bodyBytesMax?: number;
  /** How long a request may take to arrive whole. */
  readonly requestTimeoutMs?: number;
  /** How long its head may take. */
  readonly headersTimeoutMs?: number;
  /** How long an idle connection is kept: longer than any proxy in front keeps it. */
  readonly keepAliveTimeoutMs?: number;
  /** How long closing waits for what is under way before connections are cut. */
  readonly closeTimeoutMs?: number;
}

const BODY_BYTES_MAX_DEFAULT = 1024 * 1024;
const REQUEST_TIMEOUT_MS_DEFAULT = 30_000;
const HEADERS_TIMEOUT_MS_DEFAULT = 10_000;
const KEEP_ALIVE_TIMEOUT_MS_DEFAULT = 72_000;
const CLOSE_TIMEOUT_MS_DEFAULT = 15_000;
const PARAM_LENGTH_MAX = 500;

/**
 * An HTTP server without routes. Everything it refuses or fails at is `application/problem+json`
 * where HTTP lets it answer at all. Closing finishes the requests that are under way.
 *
 * @throws when a route is registered that does not say what it needs (`config.requires`).
 */
export async function buildServer(options: HttpServerOptions): Promise<HttpServer> {
  const { config, log, tokens, metrics, identities = NOBODY, counters } = options;
  const { publicUrl } = config;
  const headers = securityHeaders({ https: publicUrl.startsWith("https:") });
  const nextRequestId = requestIds();
  const state = { isClosing: false };
  const Response = securedResponse(headers, state);
  const limitGuesses = counters == null ? unlimited : createGuessLimit(counters);
  const answerError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const hasCredentials = request.headers.authorization !== undefined;
    setHeaders(request, reply);
    // The framework wants to close after a refused body. It was read to its end: go on.
    if (request.raw.complete) reply.removeHeader("connection");
    const send = (problem: Problem) =>
      sendProblem(reply, problem, { publicUrl, requestId: request.id, hasCredentials });
    const problem = limitGuesses(problemOf(error, request.id, log), request, reply);
    if (problem instanceof Promise) void problem.then(send);
    else send(problem);
  };
  const server = Fastify({
    ...transport(config, Response),
    logger: false,
    trustProxy: config.trustProxy ?? false,
    bodyLimit: config.bodyBytesMax ?? BODY_BYTES_MAX_DEFAULT,
    requestTimeout: config.requestTimeoutMs ?? REQUEST_TIMEOUT_MS_DEFAULT,
    keepAliveTimeout: config.keepAliveTimeoutMs ?? KEEP_ALIVE_TIMEOUT_MS_DEFAULT,
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    return503OnClosing: false,
    genReqId: (request) => {
      const id = nextRequestId();
      tellRequestId(request, id);
      return id;
    },
    frameworkErrors: answerError,
    schemaController: { compilersFactory: { buildSerializer: lateSerializers } },
    clientErrorHandler: (error, socket) =>
      answerClientError(error, socket, { publicUrl, requestId: nextRequestId(), headers }),
  }) as unknown as HttpServer;
  // Requests get no logger, as one made for each costs; plug-ins that have something to say do.
  server.log = log as unknown as FastifyBaseLogger;
  server.setErrorHandler(answerError);
  server.addHook("onRoute", demandRequirements);
  const setHeaders = headerSetter(Response, headers);
  server.addHook("onRequest", (request, reply, done) => {
    setHeaders(request, reply);
    done(refuseRequest(request.raw) ?? undefined);
  });
  if (metrics !== undefined && Response !== undefined) meterRoutes(server, Response, metrics);
  answerUnknownAddresses(server);
  server.setValidatorCompiler(createValidatorCompiler(declaredComponents()) as never);
  for (const schema of declaredComponents()) server.addSchema(schema);
  registerJsonBody(server);
  registerAuthentication(server, tokens);
  registerIdentification(server, { publicUrl, tokens, identities });
  if (counters != null) {
    registerPrincipalLimits(server, counters);
    registerRateLimits(server, counters);
  }
  if (Response !== undefined) answerReady(server as never, nextRequestId);
  await collectOpenApi(server);
  registerDocumentation(server);
  closeWithin(server, {
    state,
    event: config.tls == null ? "connection" : "secureConnection",
    timeoutMs: config.closeTimeoutMs ?? CLOSE_TIMEOUT_MS_DEFAULT,
  });
  return server;
}

const unlimited: GuessLimit = (problem) => problem;

/** Knows no session, key or pass. */
export const NOBODY: IdentityReader = {
  bySession: () => Promise.resolve(null),
  byKey: () => Promise.resolve(null),
  byDoorPass: () => Promise.resolve(null),
};

interface Closing {
  readonly state: { isClosing: boolean };
  /** What a connection that can carry requests announces itself by. */
  readonly event: "connection" | "secureConnection";
  readonly timeoutMs: number;
}

/**
 * Closing finishes requests: answers say `Connection: close`, connections that have not carried any
 * request are closed at once, and what is left after the timeout is cut.
 */
function closeWithin(server: HttpServer, { state, event, timeoutMs }: Closing): void {
  const open = new Set<Socket>();
  const remember = (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  };
  server.server.on(event, remember);
  server.addHook("preClose", (done) => {
    state.isClosing = true;
    for (const socket of open) if (!isUsed(socket)) socket.destroy();
    setTimeout(() => server.server.closeAllConnections(), timeoutMs).unref();
    done();
  });
}

function transport(config: HttpConfig, Response: SecuredResponseClass | undefined) {
  const http: ServerOptions = {
    headersTimeout: config.headersTimeoutMs ?? HEADERS_TIMEOUT_MS_DEFAULT,
    requestTimeout: config.requestTimeoutMs ?? REQUEST_TIMEOUT_MS_DEFAULT,
    // Looked at beside two of them, where a refusal is a problem.
    requireHostHeader: false,
    // Node looks for connections past their time only this often; its own default is 30 s.
    connectionsCheckingInterval: 1000,
    ...(Response === undefined ? {} : { ServerResponse: Response as never }),
  };
  return config.tls == null ? { http } : { https: { ...http, ...config.tls } };
}

/** Serializers that are compiled for the first answer that needs them: all at once, they were a quarter of the start. */
const lateSerializers: SerializerFactory = (components, options) => {
  const compile = SerializerSelector()(components, options);
  return (route) => {
    const serializer = once(() => compile(route));
    return (data) => serializer()(data);
  };
};

function demandRequirements({ config, method, url }: RouteOptions): void {
  if (config?.requires === undefined) {
    throw new Error(
      `the route ${method} ${url} does not say what it needs of whoever asks (config.requires)`,
    );
  }
}

/** Ids that are short, unique among processes and restarts, and cost next to nothing. */
function requestIds(): () => string {
  const prefix = randomBytes(6).toString("base64url");
  let count = 0;
  return () => `${prefix}-${(count++).toString(36)}`;
}

/** Sets the headers of the block on answers that do not write it by themselves, such as injected ones. */
function headerSetter(
  Response: SecuredResponseClass | undefined,
  headers: Record<string, string>,
): (request: FastifyRequest, reply: FastifyReply) => void {
  return (request, reply) => {
    if (Response !== undefined && reply.raw instanceof Response) return;
    reply.headers({ ...headers, "x-request-id": request.id });
  };
}

/** Gives the answers of each route the counters of that route. */
function meterRoutes(server: HttpServer, Response: SecuredResponseClass, metrics: Metrics): void {
  server.addHook("onRoute", (route) => {
    const method = [route.method].flat().join(",");
    const meter = metrics.requestsOf({ method, route: route.url });
    const start: onRequestHookHandler = (_request, reply, done) => {
      if (reply.raw instanceof Response) reply.raw.begin(meter);
      done();
    };
    route.onRequest = [start, ...[route.onRequest ?? []].flat()];
  });
}

function answerUnknownAddresses(server: HttpServer): void {
  server.setNotFoundHandler((request, reply) => {
    const [path = "/"] = request.url.split(/[?#]/, 1);
    const allowed = METHODS.filter((method) => server.findRoute({ method, url: path }) !== null);
    if (allowed.length === 0) throw new Problem(notFound, "There is nothing at this address.");
    const list = allowed.join(", ");
    reply.header("allow", list);
    throw new Problem(methodNotAllowed, `This address takes ${list}.`);
  });
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;
