import { formatId } from "#platform/id.ts";
import { drawText, type LaidText, layText, type TextStyle } from "#platform/pdf/text.ts";
import { qrModules } from "#platform/qr-code.ts";
import type { SheetTimes } from "./sheet-times.ts";
import { type SheetWords, sheetLanguage, wordsIn } from "./sheet-words.ts";
import { TICKET_QR } from "./ticket-qr.ts";
import type { TicketSheet } from "./ticket-sheet.ts";

// One page of paper. Black on white and nothing else, so that any printer prints it; all that matters is in the upper
// half, so that it can be folded. Measures are in points: 72 to an inch.

type Document = PDFKit.PDFDocument;
type Element = PDFKit.PDFStructureElement;

/** A4; on Letter it is printed a little smaller. */
export const PAGE_SIZE = { width: 595.28, height: 841.89 } as const;
const MARGIN = 54;
const RIGHT = PAGE_SIZE.width - MARGIN;
const WIDTH = RIGHT - MARGIN;
/** Of the code alone: 6.6 cm, a millimetre and a half a module. */
const QR_SIZE = 187;
/** A frame around it, with the white that readers need inside. */
const QR_FRAME = 222;
const QR_LEFT = RIGHT - QR_FRAME;
const COLUMN = QR_LEFT - 26 - MARGIN;
const FIELD_GAP = 13;

const LABEL: TextStyle = { size: 8.5, weight: "regular", width: COLUMN, linesMax: 1 };
const SMALL: TextStyle = { size: 9, weight: "regular", width: COLUMN, linesMax: 2 };
const VALUE: TextStyle = { size: 12, weight: "regular", width: COLUMN, linesMax: 3 };
const STRONG: TextStyle = { size: 14, weight: "bold", width: COLUMN, linesMax: 3 };
const PLACE: TextStyle = { ...VALUE, weight: "bold" };
const ADDRESS: TextStyle = { size: 11, weight: "regular", width: COLUMN, linesMax: 6 };
const FOOT: TextStyle = { size: 8, weight: "regular", width: WIDTH, linesMax: 2 };
const NOTE: TextStyle = { size: 10.5, weight: "regular", width: WIDTH, linesMax: 12 };
const HOW_TO: TextStyle = { size: 9.5, weight: "regular", width: WIDTH, linesMax: 6 };
/** The largest in which the name of the event takes few lines. */
const NAMES: readonly TextStyle[] = [
  { size: 27, weight: "bold", width: WIDTH, linesMax: 2 },
  { size: 22, weight: "bold", width: WIDTH, linesMax: 3 },
  { size: 17, weight: "bold", width: WIDTH, linesMax: 5 },
];
const INK = "#000000";
const QUIET_INK = "#3a3a3a";

interface Pen {
  readonly document: Document;
  readonly section: Element;
  readonly sheet: TicketSheet;
  readonly times: SheetTimes;
  readonly words: SheetWords;
  /** Whether anything so far lacks letters. */
  isMissingLetters: boolean;
}

/** Draws a ticket on the document's present page, into a section of its structure. */
export function drawTicketPage(
  document: Document,
  section: Element,
  { sheet, times }: { readonly sheet: TicketSheet; readonly times: SheetTimes },
): void {
  const words = wordsIn(sheetLanguage(sheet.language));
  const pen: Pen = { document, section, sheet, times, words, isMissingLetters: false };
  drawHead(pen);
  const top = drawName(pen, 92) + 20;
  const left = drawFields(pen, top);
  const right = drawCode(pen, top + 3);
  drawFoot(pen, Math.max(left, right) + 24);
}

function drawHead({ document, section, sheet, words }: Pen): void {
  const { ordinal, count } = sheet;
  const kind = layText(document, words.ticket.toUpperCase(), {
    ...LABEL,
    size: 10,
    weight: "bold",
  });
  const place = layText(document, count > 1 ? words.ordinal(ordinal, count) : "", {
    ...LABEL,
    size: 10,
  });
  const draw = () => {
    document.fillColor(INK);
    drawText(document, kind, MARGIN, MARGIN);
    if (count > 1) drawText(document, place, RIGHT - widthOf(document, place), MARGIN);
  };
  section.add(document.struct("P", {}, [draw]));
  rule(document, MARGIN + 20, { thick: 1.6 });
}

function drawName(pen: Pen, y: number): number {
  const { document, sheet } = pen;
  const laid = NAMES.map((style) => layText(document, sheet.eventName, style));
  const name = laid.find(({ isWhole }) => isWhole) ?? laid.at(-1);
  if (name === undefined) return y;
  place(pen, { type: "H1", texts: [[name, sheet.eventName]], x: MARGIN, y });
  return y + name.height;
}

/** What a ticket says of itself, one under the other; gives where they end. */
function drawFields(pen: Pen, top: number): number {
  const { sheet, times, words } = pen;
  const list = pen.document.struct("L");
  pen.section.add(list);
  const fields: readonly (readonly [label: string, values: readonly Said[]])[] = [
    [
      words.when,
      [
        [times.first, STRONG],
        [times.second, STRONG],
        [words.localTime(times.zone), SMALL],
      ],
    ],
    [
      words.where,
      [
        [sheet.placeName, PLACE],
        [sheet.placeAddress, ADDRESS],
      ],
    ],
    [words.kind, [[sheet.ticketType, VALUE]]],
    [words.admits, [[words.people(sheet.admits), VALUE]]],
    [words.holder, [[sheet.holderName, VALUE]]],
  ];
  let y = top;
  for (const [label, values] of fields) {
    const said = values.filter(([text]) => text !== null && text !== "");
    if (said.length > 0) y = drawField({ ...pen, section: list }, { label, values: said }, y, pen);
  }
  list.end();
  return y - FIELD_GAP;
}

type Said = readonly [text: string | null, style: TextStyle];

function drawField(
  pen: Pen,
  { label, values }: { readonly label: string; readonly values: readonly Said[] },
  y: number,
  page: Pen,
): number {
  const { document } = pen;
  const item = document.struct("LI");
  pen.section.add(item);
  const name = layText(document, label.toUpperCase(), LABEL);
  const inItem: Pen = { ...pen, section: item };
  place(inItem, { type: "Lbl", texts: [[name, label]], x: MARGIN, y, ink: QUIET_INK });
  const texts = values.map(
    ([text, style]) => [layText(document, text ?? "", style), text ?? ""] as const,
  );
  place(inItem, { type: "LBody", texts, x: MARGIN, y: y + name.height + 1 });
  item.end();
  page.isMissingLetters ||= inItem.isMissingLetters;
  const height = texts.reduce((sum, [laid]) => sum + laid.height, 0);
  return y + name.height + 1 + height + FIELD_GAP;
}

function drawCode({ document, section, sheet, words }: Pen, top: number): number {
  const ticketId = formatId("tkt", sheet.ticketId);
  artifact(document, () => {
    document.lineWidth(0.8).strokeColor(INK);
    document.roundedRect(QR_LEFT, top, QR_FRAME, QR_FRAME, 6).stroke();
  });
  const inset = (QR_FRAME - QR_SIZE) / 2;
  const [x, y] = [QR_LEFT + inset, top + inset];
  const bbox: [number, number, number, number] = [x, y, x + QR_SIZE, y + QR_SIZE];
  const draw = () => drawModules(document, sheet.code, x, y);
  // The types do not know of the box yet, which PDF/UA asks for.
  const figure = { alt: words.codeAlt(ticketId), bbox } as { alt: string };
  section.add(document.struct("Figure", figure, [draw]));
  const style = { ...FOOT, width: QR_FRAME };
  const number = layText(document, ticketId, style);
  const drawNumber = () => {
    document.fillColor(QUIET_INK);
    const left = QR_LEFT + (QR_FRAME - widthOf(document, number)) / 2;
    drawText(document, number, left, top + QR_FRAME + 6);
  };
  section.add(document.struct("P", {}, [drawNumber]));
  return top + QR_FRAME + 6 + number.height;
}

/** One path: between modules no reader sees a seam. */
function drawModules(document: Document, code: string, left: number, top: number): void {
  const rows = qrModules(code, TICKET_QR);
  const size = QR_SIZE / rows.length;
  for (const [y, row] of rows.entries()) {
    let start = -1;
    for (let x = 0; x <= row.length; x++) {
      const isBlack = row[x] === true;
      if (isBlack && start === -1) start = x;
      if (isBlack || start === -1) continue;
      document.rect(left + start * size, top + y * size, (x - start) * size, size);
      start = -1;
    }
  }
  document.fill(INK);
}

/** What is to be known at the gate, and where to read more. */
function drawFoot(pen: Pen, top: number): void {
  const { document, sheet, words } = pen;
  let y = top;
  const paragraph = (text: string, style: TextStyle, ink = INK) => {
    const laid = layText(document, text, style);
    place(pen, { type: "P", texts: [[laid, text]], x: MARGIN, y, ink });
    y += laid.height + 8;
  };
  rule(document, y, { thick: 0.6, dash: true });
  y += 14;
  if (sheet.slotNote !== null) {
    paragraph(words.note, { ...NOTE, weight: "bold", linesMax: 1 });
    y -= 7;
    paragraph(sheet.slotNote, NOTE);
  }
  paragraph(words.howTo, HOW_TO);
  paragraph(sheet.eventUrl, FOOT, QUIET_INK);
  if (pen.isMissingLetters) paragraph(words.missingLetters, FOOT, QUIET_INK);
}

interface Placed {
  readonly type: string;
  /** Each as it is laid, and as it is. */
  readonly texts: readonly (readonly [laid: LaidText, text: string])[];
  readonly x: number;
  readonly y: number;
  readonly ink?: string;
}

/** Texts one under the other, as one element. Where not all of it could be printed as it is, it is still told whole. */
function place(pen: Pen, { type, texts, x, y, ink = INK }: Placed): void {
  const { document, section } = pen;
  const draw = () => {
    document.fillColor(ink);
    let top = y;
    for (const [laid] of texts) {
      drawText(document, laid, x, top);
      top += laid.height;
    }
  };
  const isAsItIs = texts.every(([laid]) => laid.isWhole && !laid.isMissingLetters);
  const actual = texts.map(([, text]) => text).join("\n");
  section.add(document.struct(type, isAsItIs ? {} : { actual }, [draw]));
  pen.isMissingLetters ||= texts.some(([laid]) => laid.isMissingLetters);
}

function widthOf(document: Document, { lines, style }: LaidText): number {
  const last = lines[0]?.at(-1);
  if (last === undefined) return 0;
  return (
    last.x +
    document.font(`${style.weight}-${last.font}`).fontSize(style.size).widthOfString(last.text)
  );
}

function rule(
  document: Document,
  y: number,
  { thick, dash = false }: { readonly thick: number; readonly dash?: boolean },
): void {
  artifact(document, () => {
    document.lineWidth(thick).strokeColor(INK);
    if (dash) document.dash(3, { space: 3 });
    document.moveTo(MARGIN, y).lineTo(RIGHT, y).stroke();
    document.undash();
  });
}

/** What is drawn here says nothing to who listens. */
function artifact(document: Document, draw: () => void): void {
  document.markContent("Artifact", { type: "Layout" });
  draw();
  document.endMarkedContent();
}
