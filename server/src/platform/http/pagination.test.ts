import assert from "node:assert/strict";
import { test } from "node:test";
import { Type } from "typebox";
import { readCursor, writeCursor } from "./pagination.ts";
import { Problem } from "./problem.ts";

const Position = Type.Object({ after: Type.String({ format: "uuid" }) });
const AFTER = { after: "01890a5d-ac96-774b-bcce-b302099a8057" };

test("a cursor comes back as it was written", () => {
  const cursor = writeCursor(AFTER);
  assert.match(cursor, /^[A-Za-z0-9_-]+$/);
  assert.deepEqual(readCursor(cursor, Position), AFTER);
  assert.equal(readCursor(undefined, Position), null);
});

test("a cursor that is not one of this list is refused", () => {
  for (const cursor of [
    "",
    "x",
    "e30",
    "%00",
    "a b",
    writeCursor({}),
    writeCursor({ after: 1 }),
    writeCursor({ after: "x' or 1=1" }),
    writeCursor([]),
    Buffer.from("null").toString("base64url"),
    Buffer.from([0xff, 0xfe]).toString("base64url"),
    writeCursor({ ...AFTER, more: "x".repeat(1000) }),
  ]) {
    assert.throws(
      () => readCursor(cursor, Position),
      (error) => error instanceof Problem && error.type.code === "invalid_field",
      cursor,
    );
  }
});
