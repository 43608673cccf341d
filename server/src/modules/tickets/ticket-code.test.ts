import assert from "node:assert/strict";
import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import encodeQR from "qr";
import { type Id, type IdKind, parseId } from "#platform/id.ts";
import { CODE_LENGTH, codeOf, contentOf } from "./ticket-code.ts";

interface Vector {
  readonly name: string;
  readonly seed: string;
  readonly key_number: number;
  readonly ticket_id: string;
  readonly event_id: string;
  readonly slot_id: string;
  readonly ticket_type_id: string;
  readonly starts_at: string;
  readonly ends_at: string;
  readonly admits: number;
  readonly content: string;
  readonly code: string;
}

const VECTORS = new URL("../../../../docs/concepts/ticket-code-vectors.json", import.meta.url);
const { codes } = JSON.parse(readFileSync(VECTORS, "utf8")) as { codes: readonly Vector[] };
/** What stands before the 32 bytes of a private key in PKCS #8 (RFC 8410). */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
/** Of version 7: 17 and four for each version. */
const MODULES_OF_VERSION_7 = 45;
const BORDER = 1;

function idOf<Kind extends IdKind>(kind: Kind, text: string): Id<Kind> {
  const id = parseId(kind, text);
  assert.ok(id, text);
  return id;
}

test("the codes of the published vectors are made again, to the character", () => {
  assert.ok(codes.length > 5);
  for (const vector of codes) {
    const content = contentOf({
      keyNumber: vector.key_number,
      ticketId: idOf("tkt", vector.ticket_id),
      eventId: idOf("evt", vector.event_id),
      slotId: idOf("slt", vector.slot_id),
      ticketTypeId: idOf("tty", vector.ticket_type_id),
      startsAt: Date.parse(vector.starts_at),
      endsAt: Date.parse(vector.ends_at),
      admits: vector.admits,
    });
    assert.equal(content.toString("hex"), vector.content, vector.name);
    const key = Buffer.concat([PKCS8, Buffer.from(vector.seed, "base64url")]);
    const privateKey = createPrivateKey({ key, format: "der", type: "pkcs8" });
    assert.equal(codeOf(content, sign(null, content, privateKey)), vector.code, vector.name);
  }
});

test("whatever its bytes are, a code fits a QR code of version 7 at level M, in alphanumeric mode", () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(bytes(54), bytes(64), (content, signature) => {
      const code = codeOf(Buffer.from(content), Buffer.from(signature));
      assert.equal(code.length, CODE_LENGTH);
      const options = { ecc: "medium", encoding: "alphanumeric", border: BORDER } as const;
      assert.equal(encodeQR(code, "raw", options).length, MODULES_OF_VERSION_7 + 2 * BORDER);
    }),
    { numRuns: 20 },
  );
});

test("a window between two seconds is widened to whole ones", () => {
  const [vector] = codes;
  assert.ok(vector);
  const times = { startsAt: 1_999, endsAt: 3_001 };
  const content = contentOf({
    keyNumber: 1,
    ticketId: idOf("tkt", vector.ticket_id),
    eventId: idOf("evt", vector.event_id),
    slotId: idOf("slt", vector.slot_id),
    ticketTypeId: idOf("tty", vector.ticket_type_id),
    ...times,
    admits: 1,
  });
  assert.deepEqual([content.readUIntBE(43, 5), content.readUInt32BE(48)], [1, 3]);
});
