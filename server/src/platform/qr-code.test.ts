import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeQR } from "qr/decode.js";
import { qrPng, qrSvg } from "./qr-code.ts";
import { pixelsOfPng } from "./testing-png.ts";

const TEXT = "https://tickets.example.org/e/no%C4%8D-v-muzeu";

test("a QR code as PNG is read again by a reader", () => {
  const { width, pixels } = pixelsOfPng(qrPng(TEXT));
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
