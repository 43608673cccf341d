import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import { test } from "node:test";
import { isOwnSignature, isSignedEd25519, signEd25519 } from "./sign-ed25519.ts";

test("a signature is the one that Node.js makes, for messages of every length", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  for (const length of [0, 1, 54, 64, 1_000]) {
    const message = randomBytes(length);
    const signature = signEd25519(message, privateKey);
    assert.ok(verify(null, message, publicKey, signature));
    assert.deepEqual(signature, sign(null, message, privateKey));
  }
});

const ORDER = (1n << 252n) + 27742317777372353535851937790883648493n;

function aKey() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const bytes = Buffer.from(publicKey.export({ format: "jwk" }).x as string, "base64url");
  return { privateKey, publicKey, bytes };
}

function altered(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
}

/** S as a number, and a signature with another one. */
function numberOf(signature: Buffer): bigint {
  return BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`);
}
function withNumber(signature: Buffer, s: bigint): Buffer {
  const bytes = Buffer.from(s.toString(16).padStart(64, "0"), "hex").reverse();
  return Buffer.concat([signature.subarray(0, 32), bytes]);
}

test("a signature is of one message and one key, every bit of them, by its public and by its private half", () => {
  const { privateKey, bytes } = aKey();
  const other = aKey();
  const message = randomBytes(54);
  const signature = signEd25519(message, privateKey);
  const both = (one: Buffer, signed: Buffer) => [
    isSignedEd25519(one, signed, bytes),
    isOwnSignature(one, signed, privateKey),
  ];
  assert.deepEqual(both(message, signature), [true, true]);
  assert.equal(isSignedEd25519(message, signature, other.bytes), false);
  assert.equal(isOwnSignature(message, signature, other.privateKey), false);
  for (let bit = 0; bit < 54 * 8; bit++) {
    assert.equal(isOwnSignature(altered(message, bit), signature, privateKey), false);
  }
  for (let bit = 0; bit < 64 * 8; bit++) {
    assert.deepEqual(both(message, altered(signature, bit)), [false, false]);
  }
});

test("both halves of a key say the same of all messages, and take one spelling of a signature", () => {
  for (let round = 0; round < 200; round++) {
    const { privateKey, bytes } = aKey();
    const message = randomBytes(round);
    const signature = signEd25519(message, privateKey);
    assert.equal(isOwnSignature(message, signature, privateKey), true);
    // The same number modulo the order, which fits the bytes most of the time.
    const spelled = withNumber(signature, numberOf(signature) + ORDER);
    assert.equal(isOwnSignature(message, spelled, privateKey), false);
    assert.equal(isSignedEd25519(message, spelled, bytes), false);
    const random = randomBytes(64);
    assert.equal(isOwnSignature(message, random, privateKey), false);
    const ofOther = signEd25519(message, aKey().privateKey);
    assert.equal(isOwnSignature(message, ofOther, privateKey), false);
  }
});

test("the signatures of RFC 8032 are what it says they are", () => {
  const hex = (text: string) => Buffer.from(text, "hex");
  for (const [d, x, message, signature] of [
    [
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
  ] as const) {
    const text = (bytes: string) => hex(bytes).toString("base64url");
    const jwk = { kty: "OKP", crv: "Ed25519", d: text(d), x: text(x) };
    const privateKey = createPrivateKey({ key: jwk, format: "jwk" });
    assert.deepEqual(signEd25519(hex(message), privateKey), hex(signature));
    assert.equal(isOwnSignature(hex(message), hex(signature), privateKey), true);
    assert.equal(isSignedEd25519(hex(message), hex(signature), hex(x)), true);
  }
});
