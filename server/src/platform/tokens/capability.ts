import { createHmac, timingSafeEqual } from "node:crypto";
import { assert } from "../assert.ts";
import { bytesOfUuid, uuidFromBytes } from "../id.ts";

/** What a capability token may be for. The number is part of the token: never reused. */
export const CAPABILITIES = {
  event: 1,
  manage: 2,
  view: 3,
  transfer: 4,
  ticket: 5,
  door_pass: 6,
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

const SIGNED_BYTES = 19;
const MAC_BYTES = 13;

/**
 * Tokens of 32 bytes: kind, generation and id in clear, then 104 bits of HMAC-SHA-256 over them.
 * Nothing secret is stored. The first key signs; all keys are accepted, so a key can be rotated.
 */
export function createCapabilityTokens(secretKeys: readonly Buffer[]): CapabilityTokens {
  const [signingKey] = secretKeys;
  assert(signingKey !== undefined, "there is a key to sign with");
  return {
    issue: ({ kind, id, generation }) => {
      assert(generation >= 0 && generation <= 65_535, "a generation fits 16 bits");
      const token = Buffer.allocUnsafe(SIGNED_BYTES + MAC_BYTES);
      token[0] = CAPABILITIES[kind];
      token.writeUInt16BE(generation, 1);
      token.set(bytesOfUuid(id), 3);
      mac(signingKey, token).copy(token, SIGNED_BYTES, 0, MAC_BYTES);
      return token.toString("base64url");
    },
    read: (text) => {
      if (!/^[A-Za-z0-9_-]{43}$/.test(text)) return null;
      const token = Buffer.from(text, "base64url");
      // base64url of 32 bytes leaves two bits over: only the canonical spelling is a token.
      if (token.toString("base64url") !== text) return null;
      const kind = KIND_OF.get(token[0] as number);
      if (kind === undefined) return null;
      const signature = token.subarray(SIGNED_BYTES);
      const known = secretKeys.some((key) =>
        timingSafeEqual(mac(key, token).subarray(0, MAC_BYTES), signature),
      );
      if (!known) return null;
      return {
        kind,
        generation: token.readUInt16BE(1),
        id: uuidFromBytes(token.subarray(3, SIGNED_BYTES)),
      };
    },
  };
}

function mac(key: Buffer, token: Buffer): Buffer {
  return createHmac("sha256", key).update(token.subarray(0, SIGNED_BYTES)).digest();
}
