import { setImmediate } from "node:timers/promises";
import PDFDocument from "pdfkit";
import { formatId } from "#platform/id.ts";
import { registerFonts } from "#platform/pdf/text.ts";
import { type SheetTimes, timesOf } from "./sheet-times.ts";
import { sheetLanguage, wordsIn } from "./sheet-words.ts";
import { drawTicketPage, PAGE_SIZE } from "./ticket-page.ts";
import type { TicketSheet } from "./ticket-sheet.ts";

/**
 * Tickets as PDF, a page each: tagged (PDF/UA), with text that can be read out and copied, and codes as vectors. All
 * sheets are of one reservation. Between pages others have their turn.
 */
export async function ticketsPdf(
  sheets: readonly [TicketSheet, ...TicketSheet[]],
): Promise<Buffer> {
  const [first] = sheets;
  const language = sheetLanguage(first.language);
  const words = wordsIn(language);
  const document = new PDFDocument({
    autoFirstPage: false,
    size: [PAGE_SIZE.width, PAGE_SIZE.height],
    margin: 0,
    pdfVersion: "1.7",
    // The types do not know of it yet.
    subset: "PDF/UA" as "PDF/A-1",
    tagged: true,
    lang: language,
    displayTitle: true,
    info: {
      Title: `${sheets.length === 1 ? words.ticket : words.tickets}: ${first.eventName}`,
      Creator: "Tessera",
    },
  });
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    document.on("data", (chunk: Buffer) => chunks.push(chunk));
    document.on("end", resolve);
    document.on("error", reject);
  });
  registerFonts(document);
  const root = document.struct("Document");
  document.addStructure(root);
  // Most tickets are of the same slot, and telling times costs more than the rest of the page.
  const timesOfSlots = new Map<string, SheetTimes>();
  for (const [index, sheet] of sheets.entries()) {
    if (index > 0) await setImmediate();
    document.addPage();
    const section = document.struct("Sect", { title: formatId("tkt", sheet.ticketId) });
    root.add(section);
    const times = timesOfSlots.get(sheet.slotId) ?? timesOf(sheet, language);
    timesOfSlots.set(sheet.slotId, times);
    drawTicketPage(document, section, { sheet, times });
    section.end();
  }
  root.end();
  document.end();
  await ended;
  return Buffer.concat(chunks);
}
