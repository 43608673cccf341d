import assert from "node:assert/strict";
import { test } from "node:test";
import { fontsOf, type Weight } from "./fonts.ts";

test("a letter that was part of another one before is still known for what it is", () => {
  for (const weight of ["regular", "bold"] satisfies Weight[]) {
    for (const font of fontsOf(weight)) {
      // Printing ž takes the outline of z, by its number alone.
      const [withCaron] = font.layout("ž").glyphs;
      assert.ok(withCaron);
      const subset = font.createSubset();
      subset.includeGlyph(withCaron);
      subset.encode();
      assert.deepEqual(font.layout("z").glyphs[0]?.codePoints, ["z".codePointAt(0)]);
    }
  }
});
