import { timingSafeEqual } from "node:crypto";
import type { EventFacts } from "#modules/catalog/index.ts";
import { isSignedEd25519, signEd25519 } from "#platform/sign-ed25519.ts";
import type { KnownKeys } from "./known-keys.ts";
import { ownerOf } from "./signing-key.ts";
import type { SigningKeys } from "./signing-keys.ts";
import type { ReadCode } from "./ticket-code.ts";

/** What there is to say of who signed a code. */
export type CodeStanding = "genuine" | "unknown_key" | "signature" | "key_revoked";

/** Tells codes of ours from others. For a code of this event: whoever asks has compared that. */
export type CodeCheck = (event: EventFacts, code: ReadCode) => Promise<CodeStanding>;

/**
 * A code of the key that signs now is signed again and compared: there is one signature of a content, and making it
 * takes less than half of the time that verifying takes. Codes of retired keys are verified.
 */
export function createCodeCheck(signing: SigningKeys, known: KnownKeys): CodeCheck {
  return async (event, { keyNumber, content, signature }) => {
    const signer = await signing.signerOf(ownerOf(event));
    if (signer.number === keyNumber) {
      const ours = signEd25519(content, signer.privateKey);
      return timingSafeEqual(ours, signature) ? "genuine" : "signature";
    }
    const key = await known.keyOf(event, keyNumber);
    if (key === null) return "unknown_key";
    if (!isSignedEd25519(content, signature, key.publicKey)) return "signature";
    return key.revokedAt === null ? "genuine" : "key_revoked";
  };
}
