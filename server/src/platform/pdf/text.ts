import bidiFactory from "bidi-js";
import { fontsOf, type PdfFont, type Weight } from "./fonts.ts";

/** What of a document this file needs. */
export interface TextCanvas {
  font(name: string): TextCanvas;
  fontSize(size: number): TextCanvas;
  registerFont(name: string, font: string): TextCanvas;
  widthOfString(text: string): number;
  text(
    text: string,
    x: number,
    y: number,
    options: { readonly lineBreak: false; readonly baseline: "alphabetic" },
  ): TextCanvas;
}

export interface TextStyle {
  /** In points. */
  readonly size: number;
  readonly weight: Weight;
  /** How wide a line may be. */
  readonly width: number;
  /** What is more is cut, with an ellipsis. */
  readonly linesMax: number;
}

/** A piece of a line in one font and one direction, in the order in which it is seen. */
interface Piece {
  readonly text: string;
  readonly font: number;
  readonly x: number;
}

/** A text that is broken into lines and measured, to be drawn anywhere. */
export interface LaidText {
  readonly style: TextStyle;
  readonly lines: readonly (readonly Piece[])[];
  readonly height: number;
  /** Whether all of it is there. */
  readonly isWhole: boolean;
  /** Whether letters were replaced that no font has. */
  readonly isMissingLetters: boolean;
}

/** In place of a letter that no font has. */
const MISSING = "□";
const ELLIPSIS = "…";
const LINE_HEIGHT = 1.32;
/** How far below the top of a line the letters stand. */
const BASELINE = 1.02;
/** Written from right to left, or changes what direction text has. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const INVISIBLE = /^[\p{Cc}\p{Cf}\p{Variation_Selector}]$/u;

// Its types are those of an ES module, which it is not to Node.js.
const bidi = (bidiFactory as unknown as typeof bidiFactory.default)();
const graphemes = new Intl.Segmenter();

/** Makes the fonts known to a document. They are parsed once a process, and embedded with the letters that were used. */
export function registerFonts(canvas: TextCanvas): void {
  for (const weight of ["regular", "bold"] as const) {
    for (const [index, font] of fontsOf(weight).entries()) {
      // The library takes a parsed font where its types know of files only.
      canvas.registerFont(nameOf(weight, index), font as unknown as string);
    }
  }
}

/** Breaks a text into lines that fit, by words where it can; each character in a font that has it. */
export function layText(canvas: TextCanvas, text: string, style: TextStyle): LaidText {
  const printable = printableOf(text, fontsOf(style.weight));
  const measure = measureFor(canvas, style);
  const wrapped = printable.text
    .split("\n")
    .flatMap((paragraph) => wrap(paragraph, style.width, measure));
  const shown = wrapped.slice(0, style.linesMax);
  const isWhole = shown.length === wrapped.length;
  if (!isWhole) shown.push(shorten(shown.pop() ?? "", style.width, measure));
  return {
    style,
    lines: shown.map((line) => piecesOf(line, style, measure)),
    height: shown.length * style.size * LINE_HEIGHT,
    isWhole,
    isMissingLetters: printable.isMissingLetters,
  };
}

/** Draws it with its first line's top at `y`. */
export function drawText(canvas: TextCanvas, laid: LaidText, x: number, y: number): void {
  const { style, lines } = laid;
  for (const [index, pieces] of lines.entries()) {
    const baseline = y + style.size * (index * LINE_HEIGHT + BASELINE);
    for (const piece of pieces) {
      canvas
        .font(nameOf(style.weight, piece.font))
        .fontSize(style.size)
        .text(piece.text, x + piece.x, baseline, { lineBreak: false, baseline: "alphabetic" });
    }
  }
}

function nameOf(weight: Weight, font: number): string {
  return `${weight}-${font}`;
}

/** The text in characters that there are glyphs for. */
function printableOf(
  text: string,
  fonts: readonly PdfFont[],
): { readonly text: string; readonly isMissingLetters: boolean } {
  let isMissingLetters = false;
  const has = (character: string) =>
    fonts.some((font) => font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0));
  const replaced = Array.from(
    text.normalize("NFC").replaceAll(/\r\n?|[\u2028\u2029]/g, "\n"),
    (character) => {
      if (character === "\n") return character;
      if (/^\s$/.test(character)) return " ";
      if (has(character)) return character;
      if (INVISIBLE.test(character)) return "";
      isMissingLetters = true;
      return MISSING;
    },
  );
  return { text: replaced.join(""), isMissingLetters };
}

type Measure = (text: string) => number;

function measureFor(canvas: TextCanvas, { weight, size }: TextStyle): Measure {
  return (text) => {
    let width = 0;
    for (const { text: run, font } of fontRuns(text, fontsOf(weight))) {
      width += canvas.font(nameOf(weight, font)).fontSize(size).widthOfString(run);
    }
    return width;
  };
}

/** Runs of characters that one font has. Marks stay with the letter before them where its font has them. */
function fontRuns(
  text: string,
  fonts: readonly PdfFont[],
): readonly { readonly text: string; readonly font: number }[] {
  const runs: { text: string; font: number }[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const last = runs.at(-1);
    const isBound = /^[\p{M}\s]$/u.test(character) && last !== undefined;
    const font =
      isBound && fonts[last.font]?.hasGlyphForCodePoint(code)
        ? last.font
        : Math.max(
            fonts.findIndex((one) => one.hasGlyphForCodePoint(code)),
            0,
          );
    if (last?.font === font) last.text += character;
    else runs.push({ text: character, font });
  }
  return runs;
}

function wrap(paragraph: string, width: number, measure: Measure): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of paragraph.split(/ +/).filter((one) => one !== "")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (measure(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    const parts = measure(word) <= width ? [word] : splitWord(word, width, measure);
    lines.push(...parts.slice(0, -1));
    line = parts.at(-1) ?? "";
  }
  return [...lines, line];
}

/** A word that is longer than a line, in parts that are not. */
function splitWord(word: string, width: number, measure: Measure): string[] {
  const parts: string[] = [];
  let part = "";
  for (const { segment } of graphemes.segment(word)) {
    if (part !== "" && measure(part + segment) > width) {
      parts.push(part);
      part = segment;
    } else part += segment;
  }
  return [...parts, part];
}

function shorten(line: string, width: number, measure: Measure): string {
  const parts = Array.from(graphemes.segment(line), ({ segment }) => segment);
  while (parts.length > 0 && measure(parts.join("") + ELLIPSIS) > width) parts.pop();
  return parts.join("").trimEnd() + ELLIPSIS;
}

/** A line as it is seen: each piece at its place. */
function piecesOf(line: string, { weight }: TextStyle, measure: Measure): readonly Piece[] {
  const pieces: Piece[] = [];
  let x = 0;
  const units = RIGHT_TO_LEFT.test(line) ? inSeenOrder(line) : [{ text: line, level: 0 }];
  for (const { text: unit, level } of units) {
    const isTurned = level % 2 === 1;
    const runs = fontRuns(unit, fontsOf(weight));
    for (const run of isTurned ? runs.toReversed() : runs) {
      const text = isTurned ? turned(run.text) : run.text;
      pieces.push({ text, font: run.font, x });
      x += measure(text);
    }
  }
  return pieces;
}

/** Characters of one embedding level: from right to left where it is odd. */
interface Unit {
  text: string;
  readonly level: number;
}

/**
 * Words and signs of a line in the order in which they are seen (UAX #9, rule L2 by units of one level each). Within a
 * word the font reverses what is written from right to left.
 */
function inSeenOrder(line: string): readonly Unit[] {
  const { levels } = bidi.getEmbeddingLevels(line);
  const units: Unit[] = [];
  let index = 0;
  for (const character of line) {
    const level = levels[index] ?? 0;
    const last = units.at(-1);
    const isSpace = character === " ";
    if (last !== undefined && last.level === level && !isSpace && last.text !== " ") {
      last.text += character;
    } else units.push({ text: character, level });
    index += character.length;
  }
  const highest = Math.max(...units.map(({ level }) => level));
  for (let level = highest; level > 0; level--) reverseFrom(units, level);
  return units;
}

/** Reverses every sequence of units of this level or higher. */
function reverseFrom(units: Unit[], level: number): void {
  let start = 0;
  while (start < units.length) {
    if ((units[start]?.level ?? 0) < level) {
      start++;
      continue;
    }
    let end = start;
    while (end < units.length && (units[end]?.level ?? 0) >= level) end++;
    units.splice(start, end - start, ...units.slice(start, end).reverse());
    start = end;
  }
}

/** What stands in text from right to left: brackets are mirrored, and what no font would reverse is reversed. */
function turned(text: string): string {
  const mirrored = Array.from(text, (one) => bidi.getMirroredCharacter(one) ?? one);
  const isReversedByFont =
    /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
  return (isReversedByFont.test(text) ? mirrored : mirrored.reverse()).join("");
}
