import { timingSafeEqual } from "node:crypto";
import { assert } from "../assert.ts";
import { uuidFromBytes } from "../id.ts";
import { createMac, type Mac } from "./mac.ts";

/** What a capability token may be for. The number is part of the token: never given again. 5 is one that was. */
export const CAPABILITIES = {
  event: 1,
  manage: 2,
  view: 3,
  transfer: 4,
  door_pass: 6,
  calendar: 7,
} as const;
export type CapabilityKind = keyof typeof CAPABILITIES;

const KIND_OF = new Map<number, CapabilityKind>(
  Object.entries(CAPABILITIES).map(([kind, number]) => [number, kind as CapabilityKind]),
);

export interface Capability {
  readonly kind: CapabilityKind;
  /** UUID of the thing it opens. */
  readonly id: string;
  /** Raised to revoke: a token of a lower generation is void. 0 to 65,535. */
  readonly generation: number;
}

export interface CapabilityTokens {
  /** 43 characters of base64url. The same capability always gives the same token. */
  issue(capability: Capability): string;
  /** What the token says, or null when it was not issued with a key of ours. Asks no database. */
  read(token: string): Capability | null;
}

const UUID_LENGTH = 36;
const SIGNED_BYTES = 19;
const MAC_BYTES = 13;

/**
 * Tokens of 32 bytes: kind, generation and id in clear, then 104 bits of HMAC-SHA-256 over them.
 * Nothing secret is stored. The first key signs; all keys are accepted, so a key can be rotated.
 */
export function createCapabilityTokens(secretKeys: readonly Buffer[]): CapabilityTokens {
  const macs = secretKeys.map((key) => createMac(key, SIGNED_BYTES));
  const [sign] = macs;
  assert(sign !== undefined, "there is a key to sign with");
  const token = Buffer.alloc(SIGNED_BYTES + MAC_BYTES);
  return {
    issue: ({ kind, id, generation }) => {
      assert(generation >= 0 && generation <= 65_535, "a generation fits 16 bits");
      assert(id.length === UUID_LENGTH, "an id is a UUID in canonical text");
      token[0] = CAPABILITIES[kind];
      token.writeUInt16BE(generation, 1);
      token.write(id.replaceAll("-", ""), 3, "hex");
      token.write(sign(token), SIGNED_BYTES, MAC_BYTES, "latin1");
      return token.toString("base64url");
    },
    read: (text) => {
      if (!/^[A-Za-z0-9_-]{43}$/.test(text)) return null;
      const given = Buffer.from(text, "base64url");
      // base64url of 32 bytes leaves two bits over: only the canonical spelling is a token.
      if (given.toString("base64url") !== text) return null;
      const kind = KIND_OF.get(given[0] as number);
      if (kind === undefined) return null;
      const signature = given.subarray(SIGNED_BYTES);
      const isOurs = (mac: Mac) => timingSafeEqual(firstBytes(mac(given)), signature);
      if (!macs.some(isOurs)) return null;
      return {
        kind,
        generation: given.readUInt16BE(1),
        id: uuidFromBytes(given.subarray(3, SIGNED_BYTES)),
      };
    },
  };
}

function firstBytes(mac: string): Buffer {
  return Buffer.from(mac.slice(0, MAC_BYTES), "latin1");
}
