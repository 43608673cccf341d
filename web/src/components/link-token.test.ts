import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenIn } from "./link-token.ts";

test("the token is what stands behind the #; a link that was cut off has none", () => {
  assert.equal(tokenIn("#eyJhbGciOi.eyJl_mFp-w.tWny"), "eyJhbGciOi.eyJl_mFp-w.tWny");
  assert.equal(tokenIn("#token%20"), "token%20");
  for (const hash of ["", "#", "# "]) assert.equal(tokenIn(hash), null);
});
