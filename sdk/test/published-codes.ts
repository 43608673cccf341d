import assert from "node:assert/strict";
import { createPrivateKey, randomBytes, sign } from "node:crypto";
import { readFileSync } from "node:fs";

/** Codes that the server's own code makes (its tests make them again), and what to say of them. */
export interface Vectors {
  readonly event_id: string;
  readonly keys: readonly {
    readonly number: number;
    readonly public_key: string;
    readonly revoked_at: string | null;
  }[];
  readonly revoked_tickets: readonly string[];
  readonly codes: readonly PublishedCode[];
  readonly verdicts: readonly {
    readonly name: string;
    readonly code: string;
    readonly at: string;
    readonly slot?: string;
    readonly verdict: { readonly outcome: string; readonly because?: string };
  }[];
}

export interface PublishedCode {
  readonly name: string;
  readonly seed: string;
  readonly ticket_id: string;
  readonly slot_id: string;
  readonly ticket_type_id: string;
  readonly starts_at: string;
  readonly ends_at: string;
  readonly admits: number;
  readonly content: string;
  readonly code: string;
}

export const BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const FILE = new URL("../../docs/concepts/ticket-code-vectors.json", import.meta.url);
export const vectors: Vectors = JSON.parse(readFileSync(FILE, "utf8"));

/** The published code of the name. */
export function published(name: string): PublishedCode {
  const found = vectors.codes.find((code) => code.name === name);
  assert.ok(found, name);
  return found;
}

/** What stands before the 32 bytes of a private key in PKCS #8 (RFC 8410). */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** So many codes like one of the published ones, each of another ticket. */
export function codesLike({ seed, content }: PublishedCode, count: number): readonly string[] {
  const key = Buffer.concat([PKCS8, Buffer.from(seed, "base64url")]);
  const privateKey = createPrivateKey({ key, format: "der", type: "pkcs8" });
  return Array.from({ length: count }, () => {
    const bytes = Buffer.from(content, "hex");
    randomBytes(16).copy(bytes, 3);
    return toBase45(Buffer.concat([bytes, sign(null, bytes, privateKey)]));
  });
}

function toBase45(bytes: Buffer): string {
  let text = "";
  for (let index = 0; index < bytes.length; index += 2) {
    const value = bytes.readUInt16BE(index);
    for (const digit of [value % 45, Math.floor(value / 45) % 45, Math.floor(value / 2025)]) {
      text += BASE45.charAt(digit);
    }
  }
  return text;
}
