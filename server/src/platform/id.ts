import { hash, randomFillSync } from "node:crypto";
import { assert } from "./assert.ts";
import type { Clock } from "./clock.ts";

/** The kinds of thing that have an id, as their wire prefix. */
export const ID_KINDS = [
  "evt",
  "slt",
  "tty",
  "rsv",
  "tkt",
  "pay",
  "rfd",
  "org",
  "usr",
  "key",
  "dps",
  "whk",
  "ses",
  "psk",
  "inv",
  "aud",
] as const;
export type IdKind = (typeof ID_KINDS)[number];

/** A UUIDv7 in its canonical lower-case text, branded by what it names. */
export type Id<Kind extends IdKind> = string & { readonly __kind: Kind };

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const VALUE_OF = new Int8Array(128).fill(-1);
for (let value = 0; value < 32; value++) VALUE_OF[ALPHABET.charCodeAt(value)] = value;
/** Every two characters of the alphabet: formatting by pairs takes a third of the time of one by one. */
const PAIRS = [...ALPHABET].flatMap((first) => [...ALPHABET].map((second) => first + second));
/** What a hexadecimal digit stands for, by its character code. */
const DIGITS = new Uint8Array(128);
for (let value = 0; value < 16; value++) DIGITS[value.toString(16).charCodeAt(0)] = value;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const pool = Buffer.alloc(16 * 256);
let poolOffset = pool.length;

/** A fresh UUIDv7: 48 bits of time, 74 random bits. Later ids sort after earlier ones, to the millisecond. */
export function newId<Kind extends IdKind>(clock: Clock): Id<Kind> {
  if (poolOffset === pool.length) {
    randomFillSync(pool);
    poolOffset = 0;
  }
  const bytes = pool.subarray(poolOffset, poolOffset + 16);
  poolOffset += 16;
  bytes.writeUIntBE(clock.now(), 0, 6);
  bytes[6] = 0x70 | ((bytes[6] as number) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] as number) & 0x3f);
  return uuidFromBytes(bytes) as Id<Kind>;
}

/** The wire form: prefix, underscore, 26 characters of Crockford base32 (the TypeID form). */
export function formatId<Kind extends IdKind>(kind: Kind, id: Id<Kind>): string {
  assert(id.length === 36, "an id is a UUID in canonical text");
  // Two leading zero bits, then 128: thirteen pairs of characters, 10 bits each.
  const a = bits16(id, 0);
  const b = bits16(id, 4);
  const c = bits16(id, 9);
  const d = bits16(id, 14);
  const e = bits16(id, 19);
  const f = bits16(id, 24);
  const g = bits16(id, 28);
  const h = bits16(id, 32);
  return (
    `${kind}_${pair(a >>> 8)}${pair((a << 2) | (b >>> 14))}${pair(b >>> 4)}` +
    `${pair((b << 6) | (c >>> 10))}${pair(c)}${pair(d >>> 6)}${pair((d << 4) | (e >>> 12))}` +
    `${pair(e >>> 2)}${pair((e << 8) | (f >>> 8))}${pair((f << 2) | (g >>> 14))}` +
    `${pair(g >>> 4)}${pair((g << 6) | (h >>> 10))}${pair(h)}`
  );
}

/** The number that four hexadecimal digits are. */
function bits16(hex: string, index: number): number {
  return (
    ((DIGITS[hex.charCodeAt(index)] as number) << 12) |
    ((DIGITS[hex.charCodeAt(index + 1)] as number) << 8) |
    ((DIGITS[hex.charCodeAt(index + 2)] as number) << 4) |
    (DIGITS[hex.charCodeAt(index + 3)] as number)
  );
}

/** The lower 10 bits as two characters. */
function pair(bits: number): string {
  return PAIRS[bits & 1023] as string;
}

/** The id in wire form, or null when the text is not one of this kind. */
export function parseId<Kind extends IdKind>(kind: Kind, text: string): Id<Kind> | null {
  if (text.length !== 30 || text[3] !== "_" || !text.startsWith(kind)) return null;
  const bytes = new Uint8Array(16);
  let accumulator = 0;
  let bits = -2;
  let written = 0;
  for (let index = 4; index < 30; index++) {
    const code = text.charCodeAt(index);
    const value = code < 128 ? (VALUE_OF[code] as number) : -1;
    if (value < 0 || (index === 4 && value > 7)) return null;
    accumulator = (accumulator << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[written++] = (accumulator >>> bits) & 255;
      accumulator &= (1 << bits) - 1;
    }
  }
  return uuidFromBytes(bytes) as Id<Kind>;
}

/** JSON Schema pattern of an id of this kind on the wire. */
export function idPattern(kind: IdKind): string {
  return `^${kind}_[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}$`;
}

export function bytesOfUuid(uuid: string): Uint8Array {
  assert(uuid.length === 36, "an id is a UUID in canonical text");
  return Buffer.from(uuid.replaceAll("-", ""), "hex");
}

export function uuidFromBytes(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < 16; index++) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += "-";
    text += HEX[bytes[index] as number];
  }
  return text;
}

/** The first half of a text's SHA-256, spelled as a UUID: the same text always gives the same one. */
export function uuidOfText(text: string): string {
  const hex = hash("sha256", text, "hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
