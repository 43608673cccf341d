const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
/** Every two characters, the lower digit first, as the form writes them. */
const PAIRS = [...ALPHABET].flatMap((high) => [...ALPHABET].map((low) => low + high));

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
