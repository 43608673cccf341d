import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";

/** A PNG as `png` draws it in black and white, one bit a pixel and lines without a filter, as RGB. */
export function pixelsOfPng(png: Buffer): { readonly width: number; readonly pixels: Uint8Array } {
  assert.equal(png.subarray(1, 4).toString(), "PNG");
  const width = png.readUInt32BE(16);
  const length = png.readUInt32BE(33);
  const lines = inflateSync(png.subarray(41, 41 + length));
  const pixels = new Uint8Array(width * width * 3);
  const lineBytes = 1 + Math.ceil(width / 8);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      const byte = lines[y * lineBytes + 1 + (x >> 3)] ?? 0;
      const isWhite = (byte & (0x80 >> (x & 7))) !== 0;
      pixels.fill(isWhite ? 255 : 0, (y * width + x) * 3, (y * width + x + 1) * 3);
    }
  }
  return { width, pixels };
}
