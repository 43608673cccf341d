import { STATUS_CODES } from "node:http";
import swagger, { type FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import type { RouteOptions } from "fastify";
import { IsOptional, type TSchema, Type } from "typebox";
import type { Permission, Requirement } from "./access.ts";
import { isLimitedByPrincipal } from "./principal-limits.ts";
import { ProblemSchema } from "./schemas.ts";
import type { HttpServer } from "./server.ts";

/** The version of the API, not of the software: within v1 nothing that exists changes its meaning. */
const API_VERSION = "1.0.0";

const DESCRIPTION = `Events, slots, ticket types, and reservations that cannot be oversold.

Errors are problems (RFC 9457, \`application/problem+json\`): decide by \`code\`, show \`detail\`; the page at \`type\` says what to do.
Writes take an \`Idempotency-Key\`: send the same key again and you get the first answer again.`;

type Security = readonly Record<string, readonly string[]>[];

/** The credentials that may open a route, one alternative each. */
function securityOf(requires: readonly Requirement[]): Security {
  if (requires.length === 0 || requires.includes("operator")) return [];
  if (requires.includes("user")) return [{ session: [] }];
  const kinds = Object.entries(OPENS)
    .filter(([, opened]) => requires.every((one) => opened(one as Permission)))
    .map(([scheme]) => ({ [scheme]: [] }));
  return kinds;
}

/** Which permissions a kind of credentials can give at all. */
const OPENS: Readonly<Record<string, (permission: Permission) => boolean>> = {
  session: () => true,
  api_key: (permission) => !/^(?:organizer:write|member:|key:)/.test(permission),
  event_token: (permission) => /^(?:event|reservation|attendee|door|audit)/.test(permission),
  reservation_token: (permission) => permission.startsWith("reservation:"),
  door_pass: (permission) => permission === "door",
};

const IdempotencyHeader = Type.Object({
  "Idempotency-Key": Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: "Printable ASCII, fresh for each new request: a repeat gets the first answer.",
    }),
  ),
});

const OPTIONAL_BODY = "x-optional-body";

/**
 * Collects the routes that are registered after it; `server.swagger()` is the OpenAPI 3.1 document.
 * What holds for every route is added here, so that routes say only what is their own.
 */
export async function collectOpenApi(server: HttpServer): Promise<void> {
  const options: FastifyDynamicSwaggerOptions = {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Tessera", version: API_VERSION, description: DESCRIPTION },
      servers: [{ url: "/" }],
      components: { securitySchemes: SECURITY_SCHEMES },
    },
    // One name per component, the same in every release.
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => nameOf(json, index) },
    transform: (({ schema, url, route }: Described) => ({
      schema: describe(schema ?? {}, route),
      url,
    })) as unknown as NonNullable<FastifyDynamicSwaggerOptions["transform"]>,
    transformObject: ((documented: { openapiObject: OpenApiDocument }) =>
      finish(documented.openapiObject)) as unknown as NonNullable<
      FastifyDynamicSwaggerOptions["transformObject"]
    >,
  };
  await server.register(swagger, options);
}

interface RouteSchema {
  readonly body?: TSchema;
  readonly headers?: unknown;
  readonly response?: Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

interface Described {
  readonly schema?: RouteSchema;
  readonly url: string;
  readonly route: RouteOptions;
}

function nameOf(json: { $id?: unknown }, index: number): string {
  return typeof json.$id === "string" ? json.$id : `Schema${index}`;
}

function describe(schema: RouteSchema, route: RouteOptions): RouteSchema {
  const { method, config } = route;
  const requires = config?.requires ?? [];
  const isWrite = [method].flat().some((one) => ["POST", "PATCH", "DELETE"].includes(one));
  const takesKey = isWrite && !requires.includes("operator") && config?.cookies !== true;
  const isLimited = config?.limits !== undefined || isLimitedByPrincipal(route);
  return {
    ...schema,
    security: securityOf(requires),
    "x-requires": [...requires],
    ...(takesKey && schema.headers === undefined ? { headers: IdempotencyHeader } : {}),
    ...(schema.body !== undefined && IsOptional(schema.body) ? { [OPTIONAL_BODY]: true } : {}),
    response: {
      ...schema.response,
      ...(isLimited ? { 429: PROBLEM } : {}),
      default: PROBLEM,
    },
  };
}

const PROBLEM = {
  description: "Any other refusal or failure",
  content: { "application/problem+json": { schema: ProblemSchema } },
};

interface OpenApiDocument {
  paths?: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, unknown> };
}
interface Operation {
  requestBody?: { required?: boolean };
  responses?: Record<string, { description: string }>;
  [OPTIONAL_BODY]?: boolean;
}

/** Says which bodies may be left out, names the statuses, and drops the components that no route refers to. */
function finish(document: OpenApiDocument): OpenApiDocument {
  for (const operations of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(operations)) {
      if (operation[OPTIONAL_BODY] === true && operation.requestBody !== undefined) {
        operation.requestBody.required = false;
      }
      delete operation[OPTIONAL_BODY];
      for (const [status, response] of Object.entries(operation.responses ?? {})) {
        response.description = STATUS_CODES[status] ?? response.description;
      }
    }
  }
  const schemas = document.components?.schemas ?? {};
  const used = namesUsedBy(document.paths, schemas);
  for (const name of Object.keys(schemas)) if (!used.has(name)) delete schemas[name];
  return document;
}

function namesUsedBy(paths: unknown, schemas: Record<string, unknown>): ReadonlySet<string> {
  const used = new Set<string>();
  const open: unknown[] = [paths];
  while (open.length > 0) {
    for (const [, name = ""] of JSON.stringify(open.pop() ?? null).matchAll(REFERENCE)) {
      if (used.has(name)) continue;
      used.add(name);
      open.push(schemas[name]);
    }
  }
  return used;
}

const REFERENCE = /"\$ref":"#\/components\/schemas\/([^"/]+)/g;

const SECURITY_SCHEMES = {
  event_token: {
    type: "http" as const,
    scheme: "bearer",
    description:
      "The token of an anonymous event, given once when it is made. It manages the event.",
  },
  api_key: {
    type: "http" as const,
    scheme: "bearer",
    description: "A key of an organizer, `tessera_…`, for what its scopes say.",
  },
  door_pass: {
    type: "http" as const,
    scheme: "bearer",
    description: "A pass for one event and one gate until a time: it lets people in.",
  },
  session: {
    type: "apiKey" as const,
    in: "cookie" as const,
    name: "__Host-tessera.session_token",
    description:
      "The session of a user who logged in. Where the server has no TLS the name has no `__Host-`.",
  },
  reservation_token: {
    type: "http" as const,
    scheme: "bearer",
    description: "The token of a reservation. Whoever holds it may see and change the reservation.",
  },
};
