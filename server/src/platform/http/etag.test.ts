import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesEtag } from "./etag.ts";

const matches = (header: string | undefined, etag: string) =>
  matchesEtag({ headers: { "if-none-match": header } }, etag);

test("a tag matches itself, weak or strong, alone or in a list, and the star", () => {
  for (const header of ['"a"', 'W/"a"', '"x", "a"', '"x",W/"a" , "y"', "*", " * "]) {
    assert.ok(matches(header, '"a"'), header);
    assert.ok(matches(header, 'W/"a"'), header);
  }
});

test("nothing else matches", () => {
  for (const header of [undefined, "", "a", '"A"', '"a', 'a"', '"a,b"', '"x a"', "**"]) {
    assert.ok(!matches(header, '"a"'), String(header));
  }
  assert.ok(matches('"a,b"', '"a,b"'), "a comma may stand in a tag");
});
