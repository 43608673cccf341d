import { existsSync, readdirSync } from "node:fs";
import { join, sep } from "node:path";
import fastifyStatic from "@fastify/static";
import type {} from "@fastify/swagger";
import type { FastifyInstance, FastifyReply } from "fastify";
import "./access.ts";

const INDEX = "index.html";
/** Their names carry a hash of their contents: what stands under such a name never changes. */
const HASHED = /^assets\//;

export interface StaticWebOptions {
  /** The paths that are pages of the client, as route patterns: they all answer its index. */
  readonly pages: readonly string[];
  /** What a page or a file says besides, by its path. */
  readonly headers?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The built client. Default: web/dist of the repository. */
  readonly root?: string;
}

/**
 * Serves the built web client: one route per file that is there when the server starts, so nothing else of the
 * disk can be asked for, and a path that is neither a file nor a page stays a 404. Pages answer whoever takes HTML.
 */
export function staticWeb({
  pages,
  headers = {},
  root = join(import.meta.dirname, "../../../../web/dist"),
}: StaticWebOptions): (server: FastifyInstance) => Promise<void> {
  return async (server) => {
    if (!existsSync(join(root, INDEX))) {
      server.log.warn({ root }, "the web client is not built: only the API is served");
      return;
    }
    // Only for reply.sendFile, with its ETag, conditions and ranges.
    await server.register(fastifyStatic, { root, serve: false, cacheControl: false });
    const options = { config: { requires: [] as const }, schema: { hide: true } };
    for (const file of filesIn(root)) {
      const more = headers[`/${file}`] ?? {};
      server.get(`/${file}`, options, (_request, reply) => sendFile(reply.headers(more), file));
    }
    for (const page of pages) {
      const more = headers[page] ?? {};
      server.get(page, options, (request, reply) =>
        takesHtml(request.headers.accept)
          ? sendFile(reply.headers(more), INDEX)
          : reply.callNotFound(),
      );
    }
  };
}

function sendFile(reply: FastifyReply, file: string): FastifyReply {
  const isForever = HASHED.test(file);
  return reply
    .header("cache-control", isForever ? "public, max-age=31536000, immutable" : "no-cache")
    .header("vary", isForever ? "Accept-Encoding" : "Accept")
    .sendFile(file);
}

/** Browsers name text/html; who names nothing, or everything, may have it too. */
function takesHtml(accept = "*/*"): boolean {
  return accept.split(",").some((part) => {
    const [type = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
    return !isRefused && (type === "text/html" || type === "text/*" || type === "*/*");
  });
}

/** Every file of the client but notes of the build, whose names begin with a dot. */
function filesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith(".") && entry.name !== INDEX)
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .split(sep)
        .join("/"),
    );
}
