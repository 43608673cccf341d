import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase45, toBase45 } from "./base45.ts";

test("bytes are spelled as in the examples of RFC 9285", () => {
  for (const [bytes, text] of [
    ["", ""],
    ["AB", "BB8"],
    ["Hello!!", "%69 VD92EX0"],
    ["base-45", "UJCLQE7W581"],
    ["ietf!", "QED8WEX0"],
    ["\xff\xff", "FGW"],
  ] as const) {
    assert.equal(toBase45(Buffer.from(bytes, "latin1")), text);
  }
});

test("an even number of bytes is read again, and nothing else is read", () => {
  const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 37) & 0xff));
  assert.deepEqual(fromBase45(toBase45(bytes)), bytes);
  assert.deepEqual(fromBase45(""), Buffer.alloc(0));
  for (const text of ["B", "BB", "BB8B", "bb8", "BB_", "GGW", ":::", "BB\u00e98", "BB\u{1f600}"]) {
    assert.equal(fromBase45(text), null, text);
  }
});
