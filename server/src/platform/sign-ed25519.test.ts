import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import { test } from "node:test";
import { signEd25519 } from "./sign-ed25519.ts";

test("a signature is the one that Node.js makes, for messages of every length", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  for (const length of [0, 1, 54, 64, 1_000]) {
    const message = randomBytes(length);
    const signature = signEd25519(message, privateKey);
    assert.ok(verify(null, message, publicKey, signature));
    assert.deepEqual(signature, sign(null, message, privateKey));
  }
});
