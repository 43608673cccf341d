import { assert } from "#platform/assert.ts";
import { fromBase45, toBase45 } from "#platform/base45.ts";
import type { EpochMs } from "#platform/clock.ts";
import { type Id, uuidFromBytes } from "#platform/id.ts";

// The form of a code, as docs/concepts/ticket-code.md tells it to whoever reads them.

const VERSION = 1;
const CONTENT_BYTES = 54;
const SIGNATURE_BYTES = 64;
/** As many characters as a QR code of version 7, level M has room for are 178. */
export const CODE_LENGTH = 177;

/** What a code says of a ticket. */
export interface CodedTicket {
  readonly keyNumber: number;
  readonly ticketId: Id<"tkt">;
  readonly eventId: Id<"evt">;
  readonly slotId: Id<"slt">;
  readonly ticketTypeId: Id<"tty">;
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  /** How many people it lets in. */
  readonly admits: number;
}

/** What of a code is signed. A window between two seconds is widened to whole ones. */
export function contentOf(ticket: CodedTicket): Buffer {
  const { keyNumber, ticketId, admits } = ticket;
  const startsAt = Math.floor(ticket.startsAt / 1_000);
  const seconds = Math.ceil(ticket.endsAt / 1_000) - startsAt;
  assert(startsAt >= 0 && seconds >= 0, "a slot is after 1970 and ends after it starts");
  const bytes = Buffer.alloc(CONTENT_BYTES);
  bytes[0] = VERSION;
  bytes.writeUInt16BE(keyNumber, 1);
  bytes.write(ticketId.replaceAll("-", ""), 3, "hex");
  writeTail(bytes, ticket.eventId, 19);
  writeTail(bytes, ticket.slotId, 27);
  writeTail(bytes, ticket.ticketTypeId, 35);
  bytes.writeUIntBE(startsAt, 43, 5);
  bytes.writeUInt32BE(seconds, 48);
  bytes.writeUInt16BE(admits, 52);
  return bytes;
}

/** The code of signed content: 177 characters. */
export function codeOf(content: Buffer, signature: Buffer): string {
  assert(signature.length === SIGNATURE_BYTES, "an Ed25519 signature has 64 bytes");
  return toBase45(Buffer.concat([content, signature]));
}

/** What a code says, which nobody has vouched for until its signature is checked. */
export interface ReadCode {
  readonly keyNumber: number;
  readonly ticketId: Id<"tkt">;
  /** The last eight bytes of ids, as 16 hexadecimal digits. */
  readonly eventTail: string;
  readonly slotTail: string;
  readonly ticketTypeTail: string;
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  readonly admits: number;
  /** What is signed. */
  readonly content: Buffer;
  readonly signature: Buffer;
}

/** What the text says: `malformed` when it is no code, `version` when it is one of a later form. */
export function readCode(text: string): ReadCode | "malformed" | "version" {
  const bytes = text.length === CODE_LENGTH ? fromBase45(text) : null;
  if (bytes === null) return "malformed";
  if (bytes[0] !== VERSION) return "version";
  const startsAt = bytes.readUIntBE(43, 5) * 1_000;
  return {
    keyNumber: bytes.readUInt16BE(1),
    ticketId: uuidFromBytes(bytes.subarray(3, 19)) as Id<"tkt">,
    eventTail: bytes.toString("hex", 19, 27),
    slotTail: bytes.toString("hex", 27, 35),
    ticketTypeTail: bytes.toString("hex", 35, 43),
    startsAt,
    endsAt: startsAt + bytes.readUInt32BE(48) * 1_000,
    admits: bytes.readUInt16BE(52),
    content: bytes.subarray(0, CONTENT_BYTES),
    signature: bytes.subarray(CONTENT_BYTES),
  };
}

/** The last eight bytes of an id as a code names it: 16 hexadecimal digits. */
export function tailOf(id: string): string {
  return id.slice(19, 23) + id.slice(24);
}

/** The last eight bytes of an id, all but two bits of them random: enough to tell those of one event apart. */
function writeTail(bytes: Buffer, id: string, offset: number): void {
  bytes.write(id.slice(19, 23), offset, "hex");
  bytes.write(id.slice(24), offset + 2, "hex");
}
