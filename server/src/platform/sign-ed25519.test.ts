import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import { test } from "node:test";
import { isSignedEd25519, signEd25519 } from "./sign-ed25519.ts";

test("a signature is the one that Node.js makes, for messages of every length", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  for (const length of [0, 1, 54, 64, 1_000]) {
    const message = randomBytes(length);
    const signature = signEd25519(message, privateKey);
    assert.ok(verify(null, message, publicKey, signature));
    assert.deepEqual(signature, sign(null, message, privateKey));
  }
});

test("a signature is of one message and one key, every bit of them", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const bytesOf = (key: typeof publicKey) =>
    Buffer.from(key.export({ format: "jwk" }).x as string, "base64url");
  const message = randomBytes(54);
  const signature = signEd25519(message, privateKey);
  assert.equal(isSignedEd25519(message, signature, bytesOf(publicKey)), true);
  const other = bytesOf(generateKeyPairSync("ed25519").publicKey);
  assert.equal(isSignedEd25519(message, signature, other), false);
  const altered = (bytes: Buffer, bit: number) => {
    const copy = Buffer.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
    return copy;
  };
  for (let bit = 0; bit < 54 * 8; bit += 7) {
    assert.equal(isSignedEd25519(altered(message, bit), signature, bytesOf(publicKey)), false);
  }
  for (let bit = 0; bit < 64 * 8; bit += 7) {
    assert.equal(isSignedEd25519(message, altered(signature, bit), bytesOf(publicKey)), false);
  }
});
