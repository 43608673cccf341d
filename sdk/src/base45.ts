const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const VALUE_OF = new Int8Array(128).fill(-1);
for (let value = 0; value < 45; value++) VALUE_OF[ALPHABET.charCodeAt(value)] = value;

/** The bytes that a text in base45 (RFC 9285) stands for; null when it is none. No two texts stand for the same. */
export function fromBase45(text: string): Uint8Array<ArrayBuffer> | null {
  const rest = text.length % 3;
  if (rest === 1) return null;
  const bytes = new Uint8Array(((text.length - rest) / 3) * 2 + rest / 2);
  let written = 0;
  for (let index = 0; index < text.length; index += 3) {
    const isPair = index + 3 <= text.length;
    const low = valueAt(text, index);
    const middle = valueAt(text, index + 1);
    const high = isPair ? valueAt(text, index + 2) : 0;
    if (low < 0 || middle < 0 || high < 0) return null;
    const value = low + 45 * middle + 2025 * high;
    if (value > (isPair ? 0xffff : 0xff)) return null;
    if (isPair) bytes[written++] = value >> 8;
    bytes[written++] = value & 0xff;
  }
  return bytes;
}

function valueAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code < 128 ? (VALUE_OF[code] as number) : -1;
}
