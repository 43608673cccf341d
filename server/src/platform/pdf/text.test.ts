import assert from "node:assert/strict";
import { test } from "node:test";
import { drawText, layText, type TextCanvas, type TextStyle } from "./text.ts";

const STYLE: TextStyle = { size: 10, weight: "regular", width: 200, linesMax: 3 };

/** A canvas on which every character is as wide as the letters are high, and that notes what is drawn where. */
function aCanvas() {
  const drawn: { readonly text: string; readonly x: number; readonly font: string }[] = [];
  let font = "";
  let size = 0;
  const canvas: TextCanvas = {
    font: (name) => {
      font = name;
      return canvas;
    },
    fontSize: (points) => {
      size = points;
      return canvas;
    },
    registerFont: () => canvas,
    widthOfString: (text) => [...text].length * size,
    text: (text, x) => {
      drawn.push({ text, x, font });
      return canvas;
    },
  };
  return { canvas, drawn };
}

/** Each line as it is seen, its pieces from left to right. */
function seen(text: string, style: Partial<TextStyle> = {}) {
  const { canvas } = aCanvas();
  const laid = layText(canvas, text, { ...STYLE, ...style });
  return { ...laid, lines: laid.lines.map((pieces) => pieces.map((piece) => piece.text).join("")) };
}

test("text is broken between words, and within words that are longer than a line", () => {
  assert.deepEqual(seen("the night at the museum").lines, ["the night at the", "museum"]);
  assert.deepEqual(seen(`so ${"x".repeat(30)}`).lines, ["so", "x".repeat(20), "x".repeat(10)]);
  assert.deepEqual(seen("one\n\nthree\r\nfour", { linesMax: 9 }).lines, [
    "one",
    "",
    "three",
    "four",
  ]);
});

test("what does not fit is cut with an ellipsis, and said", () => {
  const cut = seen("word ".repeat(40), { linesMax: 2 });
  assert.deepEqual([cut.lines.length, cut.isWhole], [2, false]);
  assert.match(cut.lines[1] ?? "", /^word word word word…$/);
  assert.equal(seen("short").isWhole, true);
});

test("each letter is in a font that has it, and one that none has is replaced and said", () => {
  const { canvas, drawn } = aCanvas();
  const laid = layText(canvas, "Ada שלום 山", STYLE);
  drawText(canvas, laid, 0, 0);
  const fontOf = (text: string) => drawn.find((piece) => piece.text.includes(text))?.font;
  assert.deepEqual(
    [fontOf("Ada"), fontOf("שלום"), fontOf("□")],
    ["regular-0", "regular-1", "regular-1"],
  );
  assert.equal(laid.isMissingLetters, true);
  assert.equal(seen("Łukasz Ωμέγα Ђорђе Nguyễn").isMissingLetters, false);
  // What cannot be seen is not missed.
  assert.deepEqual(seen("a\u200bb").lines.join("").replaceAll("\u200b", ""), "ab");
});

test("what is written from right to left stands so, with numbers and brackets in their own direction", () => {
  // The font turns the letters of each word; here the words are in the order in which they are seen.
  assert.deepEqual(seen("שלום עולם").lines, ["עולם שלום"]);
  assert.deepEqual(seen("Night שלום עולם 12").lines, ["Night 12 עולם שלום"]);
  assert.deepEqual(seen("שלום (12)").lines, ["(12) שלום"]);
});
