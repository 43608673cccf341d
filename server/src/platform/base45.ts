const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
/** Every two characters, the lower digit first, as the form writes them. */
const PAIRS = [...ALPHABET].flatMap((high) => [...ALPHABET].map((low) => low + high));
/** What a character stands for, by its code; -1: it is not of the alphabet. */
const VALUE_OF = new Int8Array(128).fill(-1);
for (const [value, character] of [...ALPHABET].entries()) VALUE_OF[character.charCodeAt(0)] = value;

/** Bytes in the characters of a QR code's alphanumeric mode: three for two bytes, two for the last one (RFC 9285). */
export function toBase45(bytes: Uint8Array): string {
  let text = "";
  let index = 0;
  for (; index + 1 < bytes.length; index += 2) {
    const value = ((bytes[index] as number) << 8) | (bytes[index + 1] as number);
    text += PAIRS[value % 2025] as string;
    text += ALPHABET[Math.floor(value / 2025)] as string;
  }
  return index < bytes.length ? text + (PAIRS[bytes[index] as number] as string) : text;
}

/** The bytes again, an even number of them; null when the text is not what `toBase45` writes of so many. */
export function fromBase45(text: string): Buffer | null {
  if (text.length % 3 !== 0) return null;
  const bytes = Buffer.allocUnsafe((text.length / 3) * 2);
  for (let from = 0, to = 0; from < text.length; from += 3, to += 2) {
    const low = valueAt(text, from);
    const middle = valueAt(text, from + 1);
    const high = valueAt(text, from + 2);
    const value = low + 45 * middle + 2025 * high;
    if (low < 0 || middle < 0 || high < 0 || value > 0xffff) return null;
    bytes[to] = value >>> 8;
    bytes[to + 1] = value & 0xff;
  }
  return bytes;
}

function valueAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code < 128 ? (VALUE_OF[code] as number) : -1;
}
