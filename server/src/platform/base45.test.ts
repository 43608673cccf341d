import assert from "node:assert/strict";
import { test } from "node:test";
import { toBase45 } from "./base45.ts";

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
