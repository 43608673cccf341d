import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import Fastify from "fastify";
import { matchesEtag } from "./etag.ts";
import type { HttpServer } from "./server.ts";

/** Scalar writes styles into the page and draws icons from data; it may load and ask only this server. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What of Scalar would call its makers' servers is off. */
const SCALAR = {
  url: "/openapi.json",
  proxyUrl: "",
  telemetry: false,
  withDefaultFonts: false,
  showDeveloperTools: "never",
  hideClientButton: true,
  persistAuth: false,
  agent: { disabled: true },
  mcp: { disabled: true },
};

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Tessera API</title>
  </head>
  <body>
    <noscript><p>The API is described in <a href="/openapi.json">openapi.json</a>.</p></noscript>
    <script id="api-reference" data-url="/openapi.json" data-configuration="${JSON.stringify(SCALAR).replaceAll('"', "&quot;")}"></script>
    <script src="/docs/scalar.js"></script>
  </body>
</html>
`;

interface Asset {
  readonly body: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
}

/**
 * `/openapi.json`, and `/docs` where the API can be tried out. Everything comes from this server; it
 * is made when it is first asked for, so that starting costs nothing.
 */
export function registerDocumentation(server: HttpServer): void {
  const route = { config: { requires: [] as const }, schema: { hide: true } };
  server.get("/docs", route, (_request, reply) => {
    reply
      .header("content-security-policy", POLICY)
      .header("cache-control", "no-cache")
      .type("text/html; charset=utf-8")
      .send(PAGE);
  });
  const assets = [
    ["/openapi.json", "application/json; charset=utf-8", () => JSON.stringify(server.swagger())],
    ["/docs/scalar.js", "text/javascript; charset=utf-8", scalarScript],
  ] as const;
  for (const [path, type, make] of assets) {
    let made: Promise<Asset> | undefined;
    server.get(path, route, async (request, reply) => {
      made ??= assetOf(make);
      const { body, gzipped, etag } = await made;
      reply
        .header("etag", etag)
        .header("cache-control", "no-cache")
        .header("vary", "accept-encoding");
      if (matchesEtag(request, etag)) return reply.code(304).send();
      const takesGzip = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(
        String(request.headers["accept-encoding"] ?? ""),
      );
      if (takesGzip) reply.header("content-encoding", "gzip");
      return reply.type(type).send(takesGzip ? gzipped : body);
    });
  }
}

async function assetOf(make: () => string | Promise<string>): Promise<Asset> {
  const body = Buffer.from(await make());
  const digest = createHash("sha256").update(body).digest("base64url");
  // Weak: compressed or not, it is the same.
  return { body, gzipped: await promisify(gzip)(body), etag: `W/"${digest.slice(0, 22)}"` };
}

/** The script is inside Scalar's plug-in and nowhere else: a server of its own is asked for it. */
async function scalarScript(): Promise<string> {
  const { default: scalar } = await import("@scalar/fastify-api-reference");
  const inner = Fastify();
  await inner.register(scalar, { routePrefix: "/docs", configuration: { url: SCALAR.url } });
  const { body } = await inner.inject("/docs/js/scalar.js");
  await inner.close();
  return body;
}
