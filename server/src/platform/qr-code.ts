import { encodeQR } from "qr";
import { png } from "./png.ts";

/** Pixels of one module in the PNG: 10 cm wide when printed at 100 dots a centimetre. */
const PNG_SCALE = 16;
/** Modules of white around: what ISO/IEC 18004 asks for. */
const BORDER = 4;

/** How a text becomes modules. */
export interface QrForm {
  /** How much of it may be dirty: 15 or 25 of 100. */
  readonly ecc: "medium" | "quartile";
  /** In the first, only capitals, digits and a few signs; a third shorter for it. */
  readonly encoding?: "alphanumeric" | "byte";
}

const STURDY: QrForm = { ecc: "quartile" };

/** A QR code, black on white, as SVG that scales to its frame. It survives a quarter of it being dirty, unless its form says less. */
export function qrSvg(text: string, form = STURDY): string {
  return encodeQR(text, "svg", { ...form, border: BORDER });
}

/** Its modules by row, true where it is black, without the white that must be around. */
export function qrModules(text: string, form = STURDY): readonly (readonly boolean[])[] {
  const rows = encodeQR(text, "raw", { ...form, border: 1 });
  return rows.slice(1, -1).map((row) => row.slice(1, -1));
}

/** The same as PNG, one bit a pixel. */
export function qrPng(text: string, form = STURDY): Buffer {
  const rows = encodeQR(text, "raw", { ...form, border: BORDER });
  const width = rows.length * PNG_SCALE;
  const lineBytes = 1 + Math.ceil(width / 8); // each line begins with its filter: none
  const pixels = Buffer.alloc(lineBytes * width, 0xff);
  for (let y = 0; y < width; y++) {
    const modules = rows[Math.floor(y / PNG_SCALE)] ?? [];
    const line = pixels.subarray(y * lineBytes, (y + 1) * lineBytes);
    line[0] = 0;
    for (let x = 0; x < width; x++) {
      if (!modules[Math.floor(x / PNG_SCALE)]) continue;
      const at = 1 + (x >> 3);
      line[at] = (line[at] as number) & ~(0x80 >> (x & 7));
    }
  }
  return png("blackAndWhite", width, pixels);
}

/** What a QR code is served as; `operation` ends the name of the route's operation. */
export const QR_FILES = [
  { extension: "svg", operation: "Svg", type: "image/svg+xml", draw: qrSvg },
  { extension: "png", operation: "Png", type: "image/png", draw: qrPng },
] as const;
export type QrFile = (typeof QR_FILES)[number];
