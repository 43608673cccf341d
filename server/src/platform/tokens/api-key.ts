import { createHmac, hash } from "node:crypto";
import { crc32 } from "node:zlib";

/** What every key begins with, so that scanners for leaked secrets know one when they see it. */
export const API_KEY_PREFIX = "tessera_";
const SECRET_LENGTH = 32;
const CHECKSUM_LENGTH = 6;
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SPELLED = new RegExp(`^${API_KEY_PREFIX}[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}$`);

/**
 * The key of an id: `tessera_`, 32 characters (190 bits) that nobody can tell without `secretKey`, and
 * 6 that are a checksum of all before. The same id always gives the same key, so that a repeated
 * request can be answered again although no key is kept.
 */
export function apiKeyOf(secretKey: Buffer, id: string): string {
  const mac = createHmac("sha256", secretKey).update(id).digest("hex");
  const secret = inBase62(BigInt(`0x${mac}`), SECRET_LENGTH);
  return API_KEY_PREFIX + secret + checksumOf(API_KEY_PREFIX + secret);
}

/** Whether the text is a whole API key, one with a slip in it, or something else. */
export function lookOfApiKey(text: string): "key" | "mistyped" | "other" {
  if (!text.startsWith(API_KEY_PREFIX)) return "other";
  if (!SPELLED.test(text)) return "mistyped";
  const body = text.slice(0, -CHECKSUM_LENGTH);
  return checksumOf(body) === text.slice(-CHECKSUM_LENGTH) ? "key" : "mistyped";
}

/** What is kept of a key: 43 characters of base64url. Its secret is too long for guesses, so one hash will do. */
export function digestOfApiKey(key: string): string {
  return hash("sha256", key, "base64url");
}

function checksumOf(text: string): string {
  return inBase62(BigInt(crc32(text)), CHECKSUM_LENGTH);
}

/** The last so many digits of a number. */
function inBase62(number: bigint, length: number): string {
  let rest = number;
  let text = "";
  for (let count = 0; count < length; count++) {
    text = DIGITS[Number(rest % 62n)] + text;
    rest /= 62n;
  }
  return text;
}
