import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyPluginAsync, FastifyReply } from "fastify";
import { marked } from "marked";
import "./access.ts";
import { notFound, Problem, problemTypes } from "./problem.ts";

const DIRECTORY = join(import.meta.dirname, "../../../../docs/problems");

/** The pages stand alone: one style in the page, no script, nothing from elsewhere. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

interface Page {
  readonly slug: string;
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly markdown: string;
}

/**
 * `/problems` and a page for each kind of problem under it: what the `type` of a problem leads to.
 * Programs that ask for JSON get the kind as JSON.
 */
export function problemPages({ directory = DIRECTORY } = {}): FastifyPluginAsync {
  const route = { config: { requires: [] as const }, schema: { hide: true } };
  return async (server) => {
    const pages = readPages(directory);
    const bySlug = new Map(pages.map((page) => [page.slug, page]));
    const list = pages.map(({ markdown: _markdown, ...page }) => page);
    server.get("/problems", route, (request, reply) => {
      if (wantsJson(request.headers.accept)) reply.send({ data: list });
      else sendPage(reply, "Problems", indexHtml(pages));
    });
    server.get<{ Params: { slug: string } }>("/problems/:slug", route, (request, reply) => {
      const page = bySlug.get(request.params.slug);
      if (page === undefined) throw new Problem(notFound, "There is no such kind of problem.");
      if (wantsJson(request.headers.accept)) reply.send(page);
      else sendPage(reply, page.title, marked.parse(page.markdown, { async: false }));
    });
  };
}

function readPages(directory: string): readonly Page[] {
  const written = new Set(readdirSync(directory));
  return problemTypes().map(({ code, status, title }) => {
    const slug = code.replaceAll("_", "-");
    const markdown = written.has(`${slug}.md`)
      ? readFileSync(join(directory, `${slug}.md`), "utf8")
      : `# ${title}\n\n\`${code}\` · ${status}\n`;
    return { slug, code, status, title, markdown };
  });
}

function indexHtml(pages: readonly Page[]): string {
  const rows = pages.map(
    ({ slug, code, status, title }) =>
      `<tr><td>${status}</td><td><a href="/problems/${slug}"><code>${code}</code></a></td><td>${escapeHtml(title)}</td></tr>`,
  );
  return `<h1>Problems</h1>
<p>What this server refuses or fails at, and what to do about it. Programs decide by <code>code</code>.</p>
<table><thead><tr><th>Status</th><th>Code</th><th>Title</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function sendPage(reply: FastifyReply, title: string, content: string): void {
  reply
    .header("content-security-policy", POLICY)
    .header("cache-control", "public, max-age=300")
    .header("vary", "accept")
    .type("text/html; charset=utf-8")
    .send(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Tessera</title>
<style>${STYLE}</style>
</head>
<body>
<nav><a href="/problems">All problems</a> · <a href="/docs">API</a></nav>
<main>${content}</main>
</body>
</html>
`);
}

/** A page unless JSON is what is asked for by name. */
function wantsJson(accept = ""): boolean {
  return /\bapplication\/(?:problem\+)?json\b/.test(accept) && !/\btext\/html\b/.test(accept);
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --quiet: #777; --link: #0b62c4; }
@media (prefers-color-scheme: dark) { :root { --link: #7db7ff; } }
body { font: 1.0625rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
nav { font-size: .9rem; color: var(--quiet); padding-bottom: 1rem; border-bottom: 1px solid var(--line); }
a { color: var(--link); }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 2rem 0 .5rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .25rem; }
code { font: .92em ui-monospace, monospace; background: #8882; padding: .1em .3em; border-radius: .25em; }
pre { overflow-x: auto; padding: 1rem; background: #8881; border-radius: .5rem; }
pre code { background: none; padding: 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
`;
