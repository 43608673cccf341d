import assert from "node:assert/strict";
import { test } from "node:test";
import { planted } from "./tidy/planted.ts";
import { FILE_VIOLATIONS } from "./tidy/planted-in-files.ts";
import { MODULE_VIOLATIONS } from "./tidy/planted-in-modules.ts";
import { SQL_VIOLATIONS } from "./tidy/planted-in-sql.ts";
import { TEXT_VIOLATIONS } from "./tidy/planted-in-texts.ts";
import { RULES } from "./tidy/rules.ts";
import { scan } from "./tidy/scan.ts";

// A rule that cannot fail guards nothing: every rule meets violations that it must see, and neighbours of them
// that it must leave alone.

const VIOLATIONS = [
  ...MODULE_VIOLATIONS,
  ...FILE_VIOLATIONS,
  ...TEXT_VIOLATIONS,
  ...SQL_VIOLATIONS,
];

for (const rule of RULES) {
  test(`caught: ${rule.name}`, () => {
    const plants = VIOLATIONS.filter((violation) => violation.rule === rule.name);
    assert.ok(
      plants.some(({ caught }) => caught !== null),
      "a rule comes with a planted violation",
    );
    for (const plant of plants) {
      const violations = rule.check(planted(plant));
      const what = JSON.stringify(plant.files);
      if (plant.caught === null) assert.deepEqual(violations, [], what);
      else assert.match(violations.join("\n"), plant.caught, what);
    }
  });
}

test("every planted violation is of a rule that exists", () => {
  const names = RULES.map((rule) => rule.name);
  const strays = VIOLATIONS.filter(({ rule }) => !names.includes(rule)).map(({ rule }) => rule);
  assert.deepEqual(strays, []);
});

test("the scanner tells code, comments and strings apart, and loses nothing", () => {
  const text = [
    "const a = 'it\\'s'; // it's",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text has a hole, this string has none
    'const b = `x ${f("y", `z`)} /* no */`; /* yes ` */',
    "const c = /[\"/]'/g.test(d / 2);",
  ].join("\n");
  const pieces = scan(text);
  assert.equal(pieces.map((piece) => piece.text).join(""), text);
  assert.deepEqual(
    pieces.filter((piece) => piece.kind === "comment").map((piece) => piece.text),
    ["// it's", "/* yes ` */"],
  );
  assert.deepEqual(
    pieces.filter((piece) => piece.kind === "string").map((piece) => piece.text),
    ["'it\\'s'", "`x ${", '"y"', "`z`", "} /* no */`"],
  );
});
