import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import Fastify, { type FastifyInstance } from "fastify";
import { staticWeb } from "./static-web.ts";

const HTML = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

/** A server with a client of three files and a note of its build. */
async function aServer(t: TestContext): Promise<FastifyInstance> {
  const root = mkdtempSync(join(tmpdir(), "tessera-web-"));
  mkdirSync(join(root, "assets"));
  writeFileSync(join(root, "index.html"), "<!doctype html>");
  writeFileSync(join(root, "favicon.svg"), "<svg/>");
  writeFileSync(join(root, "assets/index-Bx3f.js"), "1;");
  writeFileSync(join(root, ".built-from"), "secret");
  const server = Fastify();
  const headers = {
    "/e/*": { "permissions-policy": "camera=(self)" },
    "/favicon.svg": { "content-security-policy": "default-src 'self'" },
  };
  await server.register(staticWeb({ root, pages: ["/", "/e/*"], headers }));
  t.after(async () => {
    await server.close();
    rmSync(root, { recursive: true });
  });
  return server;
}

test("a hashed asset is kept for ever, the index is asked for each time", async (t) => {
  const server = await aServer(t);
  const asset = await server.inject("/assets/index-Bx3f.js");
  assert.equal(asset.statusCode, 200);
  assert.match(String(asset.headers["content-type"]), /javascript/);
  assert.match(String(asset.headers["cache-control"]), /immutable/);
  const index = await server.inject({ url: "/", headers: HTML });
  assert.equal(index.statusCode, 200);
  assert.equal(index.headers["cache-control"], "no-cache");
  const icon = await server.inject("/favicon.svg");
  assert.equal(icon.headers["cache-control"], "no-cache");
});

test("a page or a file says what it needs besides, and no other does", async (t) => {
  const server = await aServer(t);
  const page = await server.inject({ url: "/e/night-2027", headers: HTML });
  assert.equal(page.headers["permissions-policy"], "camera=(self)");
  const icon = await server.inject("/favicon.svg");
  assert.equal(icon.headers["content-security-policy"], "default-src 'self'");
  const index = await server.inject({ url: "/", headers: HTML });
  assert.equal(index.headers["permissions-policy"], undefined);
});

test("an unchanged index is not sent again", async (t) => {
  const server = await aServer(t);
  const { headers } = await server.inject({ url: "/", headers: HTML });
  const again = await server.inject({
    url: "/",
    headers: { ...HTML, "if-none-match": String(headers.etag) },
  });
  assert.equal(again.statusCode, 304);
});

test("every page of the client answers its index, to whoever takes HTML", async (t) => {
  const server = await aServer(t);
  for (const accept of [HTML.accept, "*/*", "text/html"]) {
    const page = await server.inject({ url: "/e/night-2027", headers: { accept } });
    assert.equal(page.statusCode, 200, accept);
    assert.equal(page.body, "<!doctype html>");
  }
  for (const accept of ["application/json", "image/png", "text/html;q=0"]) {
    const page = await server.inject({ url: "/e/night-2027", headers: { accept } });
    assert.equal(page.statusCode, 404, accept);
  }
});

test("nothing else is served: unknown paths, notes of the build, the disk, other methods", async (t) => {
  const server = await aServer(t);
  for (const url of [
    "/.built-from",
    "/nowhere",
    "/assets/",
    "/assets/../.built-from",
    "/%2e%2e/a",
  ]) {
    const answer = await server.inject({ url, headers: HTML });
    assert.equal(answer.statusCode, 404, url);
  }
  const post = await server.inject({ method: "POST", url: "/e/night-2027", headers: HTML });
  assert.equal(post.statusCode, 404);
});

test("without a built client the server still starts", async (t) => {
  const server = Fastify();
  t.after(() => server.close());
  await server.register(staticWeb({ root: join(tmpdir(), "nowhere"), pages: ["/"] }));
  const answer = await server.inject({ url: "/", headers: HTML });
  assert.equal(answer.statusCode, 404);
});
