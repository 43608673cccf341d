import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { assert } from "../assert.ts";

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** 32 bytes of their own for each purpose, made of a secret key. */
export function derivedKey(secretKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secretKey, "", `tessera ${purpose}`, 32));
}

/** Keeps texts that are read later by nobody but this server. */
export interface Sealing {
  seal(text: string): Buffer;
  /** The text, or null when no key of ours sealed it. */
  open(sealed: Buffer): string | null;
}

/** AES-256-GCM under keys made for this purpose. The first seals, all open. */
export function createSealing(secretKeys: readonly Buffer[], purpose: string): Sealing {
  const keys = secretKeys.map((key) => derivedKey(key, purpose));
  const [first] = keys;
  assert(first !== undefined, "there is a key to seal with");
  return {
    seal: (text) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", first, iv);
      const content = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), content]);
    },
    open: (sealed) => {
      for (const key of keys) {
        const text = opened(sealed, key);
        if (text !== null) return text;
      }
      return null;
    },
  };
}

function opened(sealed: Buffer, key: Buffer): string | null {
  if (sealed.length < IV_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, IV_BYTES));
  decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    const content = sealed.subarray(IV_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(content), decipher.final()]).toString("utf8");
  } catch {
    return null;
  }
}
