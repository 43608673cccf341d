import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { decodeQR } from "qr/decode.js";
import { qrPng, qrSvg } from "./qr-code.ts";

const TEXT = "https://tickets.example.org/e/no%C4%8D-v-muzeu";

test("a QR code as PNG is read again by a reader", () => {
  const { width, pixels } = pixelsOf(qrPng(TEXT));
  assert.equal(decodeQR({ width, height: width, data: pixels }), TEXT);
});

test("a QR code as SVG has the same modules and nothing that runs", () => {
  const svg = qrSvg(TEXT);
  assert.match(
    svg,
    /^<svg viewBox="0 0 (\d+) \1" xmlns="http:\/\/www\.w3\.org\/2000\/svg"><path d="/,
  );
  assert.doesNotMatch(svg, /script|http:(?!\/\/www\.w3\.org)/);
});

/** A PNG of one bit a pixel, as RGB. */
function pixelsOf(png: Buffer) {
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
