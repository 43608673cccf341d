/** What a cell holds; null is an empty one. */
export type Cell = string | number | null;

/** Cells that begin so are taken for formulas by spreadsheets. */
const LIKE_A_FORMULA = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/**
 * One record of RFC 4180, with its line end. A text that a spreadsheet would take for a formula gets
 * an apostrophe before it, by which spreadsheets know text; other readers take it off again.
 */
export function csvRecord(cells: readonly Cell[]): string {
  return `${cells.map(written).join(",")}\r\n`;
}

function written(cell: Cell): string {
  if (typeof cell !== "string") return String(cell ?? "");
  const text = LIKE_A_FORMULA.test(cell) ? `'${cell}` : cell;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
