import { png } from "#platform/png.ts";

/** As in the web client's favicon.svg: a ticket, torn off at its notches, on a tile of fired clay. */
const CLAY = [0x8c, 0x3a, 0x1f] as const;
const PAPER = [0xff, 0xf6, 0xea] as const;
/** Of a drawing 32 wide. The corners are the wallet's business, it rounds them itself. */
const DRAWN = 32;
const TICKET = {
  left: 5,
  right: 27,
  top: 8,
  bottom: 24,
  cornerRadius: 1.7,
  notchRadius: 3.4,
} as const;
/** Each pixel is looked at so many times across and down: what its edge is like. */
const SAMPLES = 8;

/** How wide a pass's icon is, by the name it has there. */
export const ICON_WIDTHS = { "icon.png": 29, "icon@2x.png": 58, "icon@3x.png": 87 } as const;
/** The same on the pass itself, beside whose it is. */
export const LOGO_WIDTHS = { "logo.png": 50, "logo@2x.png": 100, "logo@3x.png": 150 } as const;

/** Tessera's icon as PNG, so many pixels wide. */
export function walletIcon(width: number): Buffer {
  const lines = Buffer.alloc((1 + 3 * width) * width);
  let at = 0;
  for (let y = 0; y < width; y++) {
    at++; // the line's filter: none
    for (let x = 0; x < width; x++) {
      const share = shareOfPaper(x, y, DRAWN / width);
      for (const [index, clay] of CLAY.entries()) {
        lines[at++] = Math.round(clay + share * ((PAPER[index] as number) - clay));
      }
    }
  }
  return png("rgb", width, lines);
}

/** How much of the pixel is the ticket's, from 0 to 1. */
function shareOfPaper(x: number, y: number, scale: number): number {
  let inside = 0;
  for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
    const dx = ((sample % SAMPLES) + 0.5) / SAMPLES;
    const dy = (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES;
    if (isPaper((x + dx) * scale, (y + dy) * scale)) inside++;
  }
  return inside / (SAMPLES * SAMPLES);
}

function isPaper(x: number, y: number): boolean {
  const { left, right, top, bottom, cornerRadius, notchRadius } = TICKET;
  if (x < left || x > right || y < top || y > bottom) return false;
  const middle = (top + bottom) / 2;
  if (Math.hypot(Math.min(x - left, right - x), y - middle) < notchRadius) return false;
  const fromCornerX = cornerRadius - Math.min(x - left, right - x);
  const fromCornerY = cornerRadius - Math.min(y - top, bottom - y);
  const isAtCorner = fromCornerX > 0 && fromCornerY > 0;
  if (isAtCorner && Math.hypot(fromCornerX, fromCornerY) > cornerRadius) return false;
  // Where it is torn: a line of small holes.
  return !(Math.abs(x - 19.5) < 0.55 && Math.abs(((y - top) % 3.2) - 1.6) < 0.8);
}
