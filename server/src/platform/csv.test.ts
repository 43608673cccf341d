import assert from "node:assert/strict";
import { test } from "node:test";
import { type Cell, csvRecord } from "./csv.ts";

const CELLS: readonly (readonly [guarantee: string, cell: Cell, written: string])[] = [
  ["plain text stands as it is", "Ada Lovelace", "Ada Lovelace"],
  ["nothing is an empty cell", null, ""],
  ["a number is no formula, also below zero", -12, "-12"],
  ["text in any script stands as it is", "Žofie 山田 🎟", "Žofie 山田 🎟"],
  ["a comma is quoted", "Lovelace, Ada", '"Lovelace, Ada"'],
  ["a quote is doubled", 'Ada "Countess"', '"Ada ""Countess"""'],
  ["a line end is quoted", "Ada\nLovelace\r\n", '"Ada\nLovelace\r\n"'],
  ["spaces at the ends are kept", " Ada ", '" Ada "'],
  ["a formula is text", "=1+1", "'=1+1"],
  ["a number to call is text", "+420 777", "'+420 777"],
  ["a minus is text", "-2", "'-2"],
  ["an at sign is text", "@SUM(A1)", "'@SUM(A1)"],
  ["a tab before a formula hides nothing", "\t=1", "'\t=1"],
  ["a carriage return before a formula hides nothing", "\r=1", `"'\r=1"`],
  [
    "a formula with a comma is text and quoted",
    '=HYPERLINK("x","y")',
    `"'=HYPERLINK(""x"",""y"")"`,
  ],
  ["what is in the middle is left", "a=b", "a=b"],
];

for (const [guarantee, cell, written] of CELLS) {
  test(`in a CSV, ${guarantee}`, () => {
    assert.equal(csvRecord([cell]), `${written}\r\n`);
  });
}

test("a CSV record has its cells in order, between commas", () => {
  assert.equal(csvRecord(["a", null, 1]), "a,,1\r\n");
});
