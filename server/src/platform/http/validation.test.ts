import assert from "node:assert/strict";
import { test } from "node:test";
import { type TSchema, Type } from "typebox";
import type { FieldError, Problem } from "./problem.ts";
import {
  component,
  declaredComponents,
  idSchema,
  LocalizedTextInput,
  MoneySchema,
  Nullable,
  OneOf,
  Rfc3339,
} from "./schemas.ts";
import { createValidatorCompiler } from "./validation.ts";

const Inner = component(
  "ValidationTestInner",
  Type.Object({ size: Type.Integer({ minimum: 1 }) }, { additionalProperties: false }),
);
const compile = createValidatorCompiler(declaredComponents());

function refusal(schema: TSchema, data: unknown, httpPart = "body"): Problem | null {
  const answer = compile({ schema, httpPart })(data);
  return answer === true ? null : answer.error;
}

function errorsOf(schema: TSchema, data: unknown): readonly FieldError[] {
  return refusal(schema, data)?.members.errors ?? [];
}

function pairs(schema: TSchema, data: unknown): string[] {
  return errorsOf(schema, data).map(({ path, code }) => `${path} ${code}`);
}

const object = (properties: Record<string, TSchema>) =>
  Type.Object(properties, { additionalProperties: false });

const TABLE: readonly (readonly [
  name: string,
  schema: TSchema,
  data: unknown,
  ...wrong: string[],
])[] = [
  ["a missing field", object({ a: Type.String() }), {}, "/a required"],
  ["an unknown field", object({}), { x: 1, "y/z": 2 }, "/x unknown_field", "/y~1z unknown_field"],
  ["text for a number", object({ a: Type.Integer() }), { a: "1" }, "/a wrong_type"],
  ["a fraction for a whole number", object({ a: Type.Integer() }), { a: 1.5 }, "/a wrong_type"],
  ["null for text", object({ a: Type.String() }), { a: null }, "/a wrong_type"],
  ["too small", object({ a: Type.Integer({ minimum: 1 }) }), { a: 0 }, "/a too_small"],
  ["too large", object({ a: Type.Integer({ maximum: 9 }) }), { a: 10 }, "/a too_large"],
  [
    "empty text",
    object({ a: Type.String({ minLength: 1 }) }),
    { a: "" },
    "/a too_short",
    "/a bad_format",
  ],
  ["blank text", object({ a: Type.String({ minLength: 1 }) }), { a: " \u00a0 " }, "/a bad_format"],
  ["blank text that may be empty", object({ a: Type.String() }), { a: "  " }],
  ["two lines", object({ a: Type.String() }), { a: "a\nb" }, "/a bad_format"],
  [
    "two lines where they may be",
    object({ a: Type.String({ "x-multiline": true }) }),
    { a: "a\nb" },
  ],
  ["long text", object({ a: Type.String({ maxLength: 3 }) }), { a: "abcd" }, "/a too_long"],
  [
    "long text of characters, not of code units",
    object({ a: Type.String({ maxLength: 3 }) }),
    { a: "😀😀😀" },
  ],
  [
    "a word that is not one of them",
    object({ a: OneOf(["x", "y"]) }),
    { a: "z" },
    "/a not_allowed",
  ],
  [
    "a union of words",
    object({ a: Type.Union([Type.Literal("x"), Type.Literal("y")]) }),
    { a: "z" },
    "/a not_allowed",
  ],
  [
    "too few entries",
    object({ a: Type.Array(Type.Integer(), { minItems: 1 }) }),
    { a: [] },
    "/a too_few",
  ],
  [
    "too many entries",
    object({ a: Type.Array(Type.Integer(), { maxItems: 1 }) }),
    { a: [1, 2] },
    "/a too_many",
  ],
  [
    "the same twice",
    object({ a: Type.Array(Type.Integer(), { uniqueItems: true }) }),
    { a: [1, 1] },
    "/a not_unique",
  ],
  [
    "an e-mail address",
    object({ a: Type.String({ format: "email" }) }),
    { a: "x@" },
    "/a bad_format",
  ],
  ["a time", object({ a: Rfc3339 }), { a: "tomorrow" }, "/a bad_format"],
  [
    "an id of another kind",
    object({ a: idSchema("evt") }),
    { a: "slt_01h455vb4pex5vsknk084sn02q" },
    "/a malformed_id",
  ],
  ["a number for an id", object({ a: idSchema("evt") }), { a: 7 }, "/a wrong_type"],
  [
    "money without its currency",
    object({ a: MoneySchema }),
    { a: { amount_minor: 1 } },
    "/a/currency required",
  ],
  [
    "money as text",
    object({ a: MoneySchema }),
    { a: { amount_minor: "1", currency: "EUR" } },
    "/a/amount_minor wrong_type",
  ],
  ["a component", object({ a: Inner }), { a: { size: 0 } }, "/a/size too_small"],
  [
    "a list of components",
    object({ a: Type.Array(Inner) }),
    { a: [{ size: 1 }, {}] },
    "/a/1/size required",
  ],
  [
    "null where it may be",
    object({ a: Nullable(Inner), b: Nullable(Type.String()) }),
    { a: null, b: null },
  ],
  [
    "a component that may be null",
    object({ a: Nullable(Inner) }),
    { a: { size: 0 } },
    "/a/size too_small",
  ],
  ["neither the component nor null", object({ a: Nullable(Inner) }), { a: 7 }, "/a wrong_type"],
  [
    "neither text nor null",
    object({ a: Nullable(Type.String({ minLength: 1 })) }),
    { a: 7 },
    "/a wrong_type",
  ],
  [
    "empty text that may be null",
    object({ a: Nullable(Type.String({ minLength: 2 })) }),
    { a: "x" },
    "/a too_short",
  ],
  [
    "a text in languages",
    object({ a: LocalizedTextInput({ lengthMax: 5 }) }),
    { a: { en: "x", "de-AT": "y" } },
  ],
  ["a text in none", object({ a: LocalizedTextInput({ lengthMax: 5 }) }), { a: {} }, "/a too_few"],
  [
    "a text in no language",
    object({ a: LocalizedTextInput({ lengthMax: 5 }) }),
    { a: { "not a tag": "x" } },
    "/a/not a tag bad_format",
  ],
  [
    "a long text in a language",
    object({ a: LocalizedTextInput({ lengthMax: 5 }) }),
    { a: { en: "xxxxxx" } },
    "/a/en too_long",
  ],
  [
    "a blank text in a language",
    object({ a: LocalizedTextInput({ lengthMax: 5 }) }),
    { a: { en: " " } },
    "/a/en bad_format",
  ],
  ["a list for an object", object({}), [], " wrong_type"],
];

for (const [name, schema, data, ...wrong] of TABLE) {
  test(`${name}: ${wrong.join(", ") || "taken"}`, () => {
    assert.deepEqual(pairs(schema, data), wrong);
  });
}

test("all wrong fields are told, twenty at most, each in words", () => {
  const schema = object({ a: Type.Integer(), b: Type.String(), c: Inner });
  assert.deepEqual(errorsOf(schema, { a: "x", c: { size: 0 } }), [
    { path: "/b", code: "required", message: "is required" },
    { path: "/a", code: "wrong_type", message: "must be a whole number" },
    { path: "/c/size", code: "too_small", message: "must be >= 1" },
  ]);
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, 1]));
  assert.equal(errorsOf(object({}), many).length, 20);
});

test("a wrong id makes it malformed_id, whatever else is wrong", () => {
  const schema = object({ id: idSchema("slt"), count: Type.Integer() });
  const problem = refusal(schema, { id: "evt_01h455vb4pex5vsknk084sn02q", count: "1" });
  assert.equal(problem?.type.code, "malformed_id");
  assert.equal(problem?.type.status, 400);
  assert.equal(problem?.members.errors?.length, 2);
});

test("a body is taken as sent: nothing is converted, removed or filled in", () => {
  const schema = Type.Object({ a: Type.Integer({ default: 7 }) });
  const data = { a: 1, b: "2" };
  assert.equal(refusal(schema, data), null);
  assert.deepEqual(data, { a: 1, b: "2" });
  assert.deepEqual(pairs(schema, {}), ["/a required"]);
});

test("numbers in a query are read, and what is none is refused", () => {
  const schema = Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    q: Type.Optional(Type.String()),
  });
  const query = { limit: "25", q: "Infinity" };
  assert.equal(refusal(schema, query, "querystring"), null);
  assert.equal(query.limit as unknown, 25);
  for (const limit of ["0", "101", "x", "", "1.5", "1e400", ["1", "2"]]) {
    const problem = refusal(schema, { limit }, "querystring");
    assert.equal(problem?.type.code, "invalid_field", String(limit));
    assert.equal(problem?.members.errors?.[0]?.path, "/limit");
  }
});

test("a huge body is refused for its first wrong field, without looking for all", () => {
  const schema = Type.Object({}, { additionalProperties: false });
  const huge = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`f${index}`, 1]));
  assert.equal(errorsOf(schema, huge).length, 1);
});

test("a schema is named once", () => {
  assert.throws(() => component("ValidationTestInner", Type.String()), /declared twice/);
});
