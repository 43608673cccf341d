import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { createMac } from "./mac.ts";

test("a code is that of HMAC-SHA-256, whatever the key and the message", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 130 }),
      fc.array(fc.uint8Array({ minLength: 19, maxLength: 19 }), { minLength: 1 }),
      (key, messages) => {
        const mac = createMac(key, 19);
        for (const message of messages) {
          const expected = createHmac("sha256", key).update(message).digest("binary");
          assert.equal(mac(message), expected);
        }
      },
    ),
  );
});

test("what follows the message is not part of it", () => {
  const mac = createMac(Buffer.from("key"), 2);
  assert.equal(mac(Buffer.from("ab")), mac(Buffer.from("abc")));
});
