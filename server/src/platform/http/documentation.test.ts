import assert from "node:assert/strict";
import { test } from "node:test";
import { Type } from "typebox";
import { problemTypes } from "./problem.ts";
import { problemPages } from "./problem-pages.ts";
import { component, problems } from "./schemas.ts";
import type { HttpServer } from "./server.ts";
import { aServer } from "./testing.ts";

const Thing = component("DocumentationTestThing", Type.Object({ size: Type.Integer() }));
component("DocumentationTestUnused", Type.Object({}));

function routes(server: HttpServer): void {
  server.post(
    "/v1/events/:id/things",
    {
      config: { requires: ["event:write"] },
      schema: {
        operationId: "makeThing",
        tags: ["Things"],
        params: Type.Object({ id: Type.String() }),
        body: Type.Optional(Thing),
        response: { 201: Thing, ...problems(409) },
      },
    },
    () => ({ size: 1 }),
  );
}

test("the document is OpenAPI 3.1 with named components, and only those that are used", async (t) => {
  const { server } = await aServer(t, { routes });
  const answer = await server.inject("/openapi.json");
  assert.match(String(answer.headers["content-type"]), /^application\/json/);
  const { openapi, components, paths } = answer.json();
  assert.match(openapi, /^3\.1\./);
  assert.deepEqual(Object.keys(components.schemas).sort(), ["DocumentationTestThing", "Problem"]);
  assert.deepEqual(Object.keys(paths), ["/v1/events/{id}/things"]);
  const operation = paths["/v1/events/{id}/things"].post;
  assert.deepEqual(operation.responses["201"].content["application/json"].schema, {
    $ref: "#/components/schemas/DocumentationTestThing",
  });
  assert.equal(operation.responses["409"].description, "Conflict");
  assert.deepEqual(operation.responses.default.content["application/problem+json"].schema, {
    $ref: "#/components/schemas/Problem",
  });
  assert.equal(operation.requestBody.required, false, "a body that may be left out");
  assert.deepEqual(operation.security, [{ session: [] }, { api_key: [] }, { event_token: [] }]);
  assert.deepEqual(operation["x-requires"], ["event:write"]);
  const names = operation.parameters.map(({ name }: { name: string }) => name);
  assert.deepEqual(names.sort(), ["Idempotency-Key", "id"]);
});

test("the documentation page and its script come from this server alone", async (t) => {
  const { server } = await aServer(t, { routes });
  const page = await server.inject("/docs");
  assert.equal(page.statusCode, 200);
  assert.doesNotMatch(page.body, /https?:|\/\/[a-z]/);
  const policy = String(page.headers["content-security-policy"]);
  assert.match(policy, /script-src 'self';/);
  assert.match(policy, /connect-src 'self';/);
  assert.doesNotMatch(policy, /https?:|\*/);
  for (const [, path = ""] of page.body.matchAll(/(?:src|data-url)="([^"]+)"/g)) {
    const asset = await server.inject({ url: path, headers: { "accept-encoding": "gzip" } });
    assert.equal(asset.statusCode, 200, path);
    assert.equal(asset.headers["content-encoding"], "gzip");
    const { etag } = asset.headers;
    const again = await server.inject({ url: path, headers: { "if-none-match": String(etag) } });
    assert.equal(again.statusCode, 304);
    const plain = await server.inject({ url: path, headers: { "accept-encoding": "gzip;q=0" } });
    assert.equal(plain.headers["content-encoding"], undefined);
    assert.ok(plain.rawPayload.length > asset.rawPayload.length);
  }
});

test("every kind of problem has a page at its address, for people and for programs", async (t) => {
  const { server } = await aServer(t, { routes: (to) => to.register(problemPages()) });
  const list = await server.inject({ url: "/problems", headers: { accept: "application/json" } });
  const { data } = list.json() as { data: { code: string }[] };
  assert.deepEqual(
    data.map(({ code }) => code),
    problemTypes().map(({ code }) => code),
  );
  const index = await server.inject("/problems");
  for (const { code, title, status } of problemTypes()) {
    const url = `/problems/${code.replaceAll("_", "-")}`;
    assert.ok(index.body.includes(`href="${url}"`), url);
    const page = await server.inject({ url, headers: { accept: "text/html,*/*;q=0.8" } });
    assert.equal(page.statusCode, 200, url);
    assert.match(String(page.headers["content-type"]), /^text\/html/);
    assert.match(page.body, /<h1>.+<\/h1>/);
    const json = await server.inject({ url, headers: { accept: "application/problem+json" } });
    const { markdown, ...kind } = json.json();
    assert.deepEqual(kind, { slug: url.slice(10), code, title, status });
    assert.match(markdown, /^# /);
  }
  const none = await server.inject("/problems/no-such-thing");
  assert.equal(none.statusCode, 404);
});
