const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const ID_BYTES = 16;
const DIGITS = 26;

/** An id as the API spells it: what it is of, and its 16 bytes. */
export function formatId(kind: string, bytes: Uint8Array): string {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  let text = "";
  for (let count = 0; count < DIGITS; count++) {
    text = ALPHABET.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return `${kind}_${text}`;
}

/** The last eight bytes of an id, as 16 hexadecimal digits: how ticket codes name all but tickets. @throws on what is no such id */
export function tailOfId(kind: string, id: string): string {
  const digits = id.slice(kind.length + 1);
  if (!id.startsWith(`${kind}_`) || !/^[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(digits)) {
    throw new TypeError(`not an id of the kind ${kind}`);
  }
  let value = 0n;
  for (const digit of digits) value = (value << 5n) | BigInt(ALPHABET.indexOf(digit));
  return (value & 0xffff_ffff_ffff_ffffn).toString(16).padStart(ID_BYTES, "0");
}

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}
