import assert from "node:assert/strict";
import { test } from "node:test";
import { sortedDocument } from "./sorted-document.ts";

test("the same document in another order is written the same", () => {
  const one = {
    openapi: "3.1.0",
    info: { title: "T", version: "1" },
    paths: { "/b": {}, "/a": {} },
  };
  const other = {
    paths: { "/a": {}, "/b": {} },
    info: { version: "1", title: "T" },
    openapi: "3.1.0",
  };
  assert.equal(JSON.stringify(sortedDocument(one)), JSON.stringify(sortedDocument(other)));
});

test("what people read first comes first; properties and lists stay in their order", () => {
  const properties = { name: { type: "string" }, id: { type: ["string", "null"] } };
  const document = { tags: ["z", "a"], schema: { properties }, paths: {}, openapi: "3.1.0" };
  const sorted = sortedDocument(document);
  assert.deepEqual(Object.keys(sorted), ["openapi", "paths", "schema", "tags"]);
  assert.equal(JSON.stringify(sorted["schema"]), JSON.stringify({ properties }));
  assert.deepEqual(sorted["tags"], ["z", "a"]);
});
