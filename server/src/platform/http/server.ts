import { randomBytes } from "node:crypto";
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RouteOptions,
} from "fastify";
import type { Logger } from "../logger.ts";
import type { CapabilityTokens } from "../tokens/capability.ts";
import "./access.ts";
import { registerAuthentication } from "./authentication.ts";
import { answerClientError } from "./client-errors.ts";
import { problemOf } from "./error-answer.ts";
import { registerJsonBody } from "./json-body.ts";
import { methodNotAllowed, notFound, Problem } from "./problem.ts";
import { sendProblem } from "./problem-response.ts";
import { refuseRequest } from "./request-checks.ts";
import { declaredComponents } from "./schemas.ts";
import {
  REQUEST_ID,
  securedResponse,
  securityHeaders,
  type WithRequestId,
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
  readonly log: Logger;
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

export const BODY_BYTES_MAX_DEFAULT = 1024 * 1024;
const PARAM_LENGTH_MAX = 500;

/**
 * An HTTP server without routes. Everything it refuses or fails at is `application/problem+json`
 * where HTTP lets it answer at all. Closing finishes the requests that are under way.
 *
 * @throws when a route is registered that does not say who it is for (`config.access`).
 */
export async function buildServer(options: HttpServerOptions): Promise<HttpServer> {
  const { config, log, tokens } = options;
  const { publicUrl } = config;
  const headers = securityHeaders({ https: publicUrl.startsWith("https:") });
  const nextRequestId = requestIds();
  let closing = false;
  const secured = securedResponse(headers, () => closing);
  const answer = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const hasCredentials = request.headers.authorization !== undefined;
    // The body was read to its end, so the connection can go on.
    if (request.raw.complete) reply.removeHeader("connection");
    const problem = problemOf(error, request.id, log);
    sendProblem(reply, problem, { publicUrl, requestId: request.id, hasCredentials });
  };
  const server = Fastify({
    ...transport(config, secured),
    logger: false,
    trustProxy: config.trustProxy ?? false,
    bodyLimit: config.bodyBytesMax ?? BODY_BYTES_MAX_DEFAULT,
    requestTimeout: config.requestTimeoutMs ?? 30_000,
    keepAliveTimeout: config.keepAliveTimeoutMs ?? 72_000,
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    return503OnClosing: false,
    exposeHeadRoutes: true,
    genReqId: (request) => {
      const id = nextRequestId();
      (request as WithRequestId)[REQUEST_ID] = id;
      return id;
    },
    frameworkErrors: answer,
    clientErrorHandler: (error, socket) =>
      answerClientError(error, socket, { publicUrl, requestId: nextRequestId(), headers }),
  }) as unknown as HttpServer;

  server.addHook("onRoute", requireAccess);
  server.addHook("onRequest", (request, reply, done) => {
    if (secured === undefined || !(reply.raw instanceof secured)) {
      reply.headers({ ...headers, "x-request-id": request.id });
    }
    done(refuseRequest(request.raw) ?? undefined);
  });
  server.setErrorHandler(answer);
  server.setNotFoundHandler((request, reply) => {
    const allowed = methodsOf(server, request.url);
    if (allowed.length === 0) {
      throw new Problem(notFound, "There is nothing at this address.");
    }
    reply.header("allow", allowed.join(", "));
    throw new Problem(methodNotAllowed, `This address takes ${allowed.join(", ")}.`);
  });
  server.setValidatorCompiler(createValidatorCompiler(declaredComponents()) as never);
  for (const schema of declaredComponents()) server.addSchema(schema);
  registerJsonBody(server);
  registerAuthentication(server, tokens);
  server.addHook("preClose", (done) => {
    closing = true;
    const cut = setTimeout(
      () => server.server.closeAllConnections(),
      config.closeTimeoutMs ?? 15_000,
    );
    cut.unref();
    done();
  });
  return server;
}

function transport(config: HttpConfig, response: typeof ServerResponse | undefined) {
  const http: ServerOptions = {
    headersTimeout: config.headersTimeoutMs ?? 10_000,
    requestTimeout: config.requestTimeoutMs ?? 30_000,
    // Node looks for connections past their time only this often; its own default is 30 s.
    connectionsCheckingInterval: 1000,
    ...(response === undefined ? {} : { ServerResponse: response }),
  };
  return config.tls == null ? { http } : { https: { ...http, ...config.tls } };
}

function requireAccess({ config, method, url }: RouteOptions): void {
  if (config?.access === undefined) {
    throw new Error(`the route ${method} ${url} does not say who it is for (config.access)`);
  }
}

/** Ids that are short, unique among processes and restarts, and cost next to nothing. */
function requestIds(): () => string {
  const prefix = randomBytes(6).toString("base64url");
  let count = 0;
  return () => `${prefix}-${(count++).toString(36)}`;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

function methodsOf(server: HttpServer, url: string): string[] {
  const path = url.split(/[?#]/, 1)[0] ?? "/";
  return METHODS.filter((method) => server.findRoute({ method, url: path }) !== null);
}
