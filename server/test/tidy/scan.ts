/** A piece of a TypeScript text. The pieces of a text, joined, are the text. */
export interface Piece {
  readonly kind: "code" | "comment" | "string";
  readonly text: string;
}

interface Scanner {
  readonly text: string;
  readonly pieces: Piece[];
}

const REGEX_MAY_FOLLOW = /(?:^|[([{,;=:!&|?]|=>|\breturn|\bcase)\s*$/;
const REGEX_LITERAL = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const QUOTED = /"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?/y;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;

/**
 * Splits a TypeScript text into code, comments and strings. What stands in the holes of a template is code;
 * a regular expression is code too. Good enough to look for words, not a parser.
 */
export function scan(text: string): Piece[] {
  const scanner = { text, pieces: [] };
  scanCode(scanner, 0, false);
  return scanner.pieces;
}

/** Scans code from an offset: to the end, or to the brace that closes a template's hole. */
function scanCode(scanner: Scanner, from: number, isHole: boolean): number {
  const { text } = scanner;
  let start = from;
  let depth = 0;
  let at = from;
  const push = (kind: Piece["kind"], end: number, next = end) => {
    if (at > start) scanner.pieces.push({ kind: "code", text: text.slice(start, at) });
    if (end > at) scanner.pieces.push({ kind, text: text.slice(at, end) });
    start = at = next;
  };
  while (at < text.length) {
    const character = text[at];
    if (character === "`") {
      push("string", at);
      start = at = scanTemplate(scanner, at);
    } else if (character === '"' || character === "'") {
      push("string", endOf(QUOTED, text, at));
    } else if (character === "/") {
      const comment = endOf(COMMENT, text, at);
      const isRegex = comment === at && REGEX_MAY_FOLLOW.test(text.slice(Math.max(0, at - 20), at));
      if (comment > at) push("comment", comment);
      else at = Math.max(at + 1, isRegex ? endOf(REGEX_LITERAL, text, at) : 0);
    } else {
      if (character === "{") depth++;
      if (character === "}" && depth-- === 0 && isHole) break;
      at++;
    }
  }
  push("code", at);
  return at;
}

/** Scans a template literal from its opening backtick; returns the offset behind its closing one. */
function scanTemplate(scanner: Scanner, from: number): number {
  const { text, pieces } = scanner;
  let start = from;
  let at = from + 1;
  const push = (end: number) => pieces.push({ kind: "string", text: text.slice(start, end) });
  while (at < text.length && text[at] !== "`") {
    if (text[at] === "\\") at += 2;
    else if (text.startsWith("${", at)) {
      push(at + 2);
      start = at = scanCode(scanner, at + 2, true);
    } else at++;
  }
  push(at + 1);
  return at + 1;
}

/** Where a sticky pattern ends that is tried at an offset; the offset itself when it does not match. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** A text without its comments: each is replaced by its line breaks, so that line numbers stay. */
export function withoutComments(file: string, text: string): string {
  if (file.endsWith(".sql")) return text.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, keepLines);
  if (!/\.(?:ts|tsx|mjs)$/.test(file)) return text;
  return scan(text)
    .map((piece) => (piece.kind === "comment" ? keepLines(piece.text) : piece.text))
    .join("");
}

/** What stands between quotes and backticks in a TypeScript text, one string a piece. */
export function stringsIn(text: string): string[] {
  return scan(text)
    .filter((piece) => piece.kind === "string")
    .map((piece) => piece.text);
}

function keepLines(text: string): string {
  return text.replace(/[^\n]/g, "");
}
