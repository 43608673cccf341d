import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import type { EventFacts } from "#modules/catalog/index.ts";
import type { EpochMs } from "#platform/clock.ts";
import type { Id } from "#platform/id.ts";
import type { Sealing } from "#platform/tokens/sealing.ts";

/** Whose keys: an organizer's, for all of its events, or an anonymous event's. */
export type KeyOwner =
  | { readonly kind: "organizer"; readonly id: Id<"org"> }
  | { readonly kind: "event"; readonly id: Id<"evt"> };

/** The numbers that each kind of owner gives its keys: so codes of a claimed event say which of both they mean. */
export const NUMBERS = {
  organizer: { first: 1, last: 32_767 },
  event: { first: 32_769, last: 65_535 },
} as const;

/** Keys of one owner that are not revoked: a gate has all of them. */
export const GOOD_KEYS_MAX = 100;

/** A key as everybody may know it. */
export interface PublicKey {
  readonly number: number;
  /** 32 bytes. */
  readonly publicKey: Buffer;
  readonly createdAt: EpochMs;
  /** Since when nothing is signed with it; null: it is the one that signs. */
  readonly retiredAt: EpochMs | null;
  /** Since when no code of it is good. */
  readonly revokedAt: EpochMs | null;
}

/** What signs. */
export interface Signer {
  readonly number: number;
  readonly privateKey: KeyObject;
}

/** A fresh pair, the private one sealed. */
export function newKeyPair(sealing: Sealing) {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { d, x } = privateKey.export({ format: "jwk" }) as { d: string; x: string };
  return { privateKey, publicKey: Buffer.from(x, "base64url"), sealed: sealing.seal(d) };
}

/** The private key, or null when it was sealed with a key that is ours no more, or is not of this public one. */
export function openPrivateKey(
  sealing: Sealing,
  { sealed, publicKey }: { readonly sealed: Buffer; readonly publicKey: Buffer },
): KeyObject | null {
  const d = sealing.open(sealed);
  if (d === null) return null;
  const x = publicKey.toString("base64url");
  const key = createPrivateKey({ key: { kty: "OKP", crv: "Ed25519", d, x }, format: "jwk" });
  return createPublicKey(key).export({ format: "jwk" }).x === x ? key : null;
}

/** Who signs the codes of an event now. */
export function ownerOf({ organizerId, eventId }: EventFacts): KeyOwner {
  return organizerId === null
    ? { kind: "event", id: eventId }
    : { kind: "organizer", id: organizerId };
}
