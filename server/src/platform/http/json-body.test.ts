import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseJsonBody } from "./json-body.ts";
import { Problem } from "./problem.ts";

const parse = (text: string) => parseJsonBody(Buffer.from(text));

function refusalOf(text: string): Problem {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: `was taken: ${text}` });
}

test("any JSON value comes out as it went in", () => {
  const text = fc.string({ unit: "grapheme" }).filter((value) => !/[^\P{Cc}\n\t]/u.test(value));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("tree"), { maxLength: 5 }),
      fc.dictionary(
        text.filter((name) => name !== "__proto__"),
        tie("tree"),
        { maxKeys: 5, noNullPrototype: true },
      ),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      assert.deepEqual(parse(JSON.stringify(value)), value);
      assert.deepEqual(parse(JSON.stringify(value, null, 2)), value);
    }),
  );
});

test("whatever bytes come, they are taken or refused as a client's mistake", () => {
  const token = fc.constantFrom(
    ...'{}[]:,"\\ \n\t1e-.u0ad8ftrl'.split(""),
    '"a"',
    "null",
    "\u0085",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.array(token).map((t) => Buffer.from(t.join(""))),
      ),
      (bytes) => {
        try {
          parseJsonBody(Buffer.from(bytes));
        } catch (error) {
          assert.ok(error instanceof Problem && error.type.status < 500, String(error));
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test("no body is no value", () => {
  assert.equal(parse(""), undefined);
});

test("a name that stands twice is refused, however it is written, at any depth", () => {
  for (const text of [
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '[{"x":{"a":1,"b":2,"a":3}}]',
    '{"":1,"":2}',
    '{"a:b":":","c":"::","a:b":1}',
    '{"1":1,"1":2}',
    '{"\\"":1,"\\"":2}',
  ]) {
    assert.equal(refusalOf(text).type.code, "malformed_request", text);
  }
});

test("colons, quotes and backslashes inside strings are no members", () => {
  for (const text of [
    '{"time":"19:00","url":"http://x:80/"}',
    '{"a":"\\":\\"","b":"\\\\","c":":\\\\"}',
    '{"a\\":":{"b":":"}}',
    '[":",":"]',
    '":"',
  ]) {
    assert.deepEqual(parse(text), JSON.parse(text), text);
  }
});

test("the name __proto__ is refused, escaped too, and nothing inherits from it", () => {
  for (const text of ['{"__proto__":{"x":1}}', '[{"\\u005f_proto__":1}]']) {
    assert.equal(refusalOf(text).type.code, "malformed_request", text);
  }
  assert.equal(({} as { x?: unknown }).x, undefined);
});

test("32 levels are taken, 33 are not", () => {
  const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
  parse(nested(32));
  assert.equal(refusalOf(nested(33)).type.code, "malformed_request");
  assert.equal(refusalOf(`${'{"a":'.repeat(33)}1${"}".repeat(33)}`).type.code, "malformed_request");
});

test("each string that is not text is told with its place, twenty at most", () => {
  const problem = refusalOf(
    '{"a":["x","\\u0000"],"b/c":{"~":"\\udc00"},"ok":"\\n\\t\\ud83d\\ude00"}',
  );
  assert.equal(problem.type.code, "invalid_field");
  assert.deepEqual(
    problem.members.errors?.map(({ path, code }) => [path, code]),
    [
      ["/a/1", "not_text"],
      ["/b~1c/~0", "not_text"],
    ],
  );
  const many = `[${Array.from({ length: 100 }, () => '"\\u0001"').join()}]`;
  assert.equal(refusalOf(many).members.errors?.length, 20);
});
