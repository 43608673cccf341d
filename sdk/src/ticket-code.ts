import { fromBase45 } from "./base45.ts";
import { formatId, toHex } from "./ids.ts";

// The form of a ticket's code: docs/concepts/ticket-code.md.

const VERSION = 1;
const CONTENT_BYTES = 54;
const CODE_LENGTH = 177;

/** What a code says, which nobody has vouched for until its signature is verified. */
export interface TicketCode {
  readonly keyNumber: number;
  readonly ticketId: string;
  /** The last eight bytes of an id, as 16 hexadecimal digits. */
  readonly eventTail: string;
  readonly slotTail: string;
  readonly ticketTypeTail: string;
  /** Milliseconds since 1970. */
  readonly startsAt: number;
  readonly endsAt: number;
  readonly admits: number;
  /** What is signed. */
  readonly content: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** What the text says: `malformed` when it is no code, `version` when it is one of a later form. */
export function readTicketCode(text: string): TicketCode | "malformed" | "version" {
  if (text.length !== CODE_LENGTH) return "malformed";
  const bytes = fromBase45(text);
  if (bytes === null) return "malformed";
  const view = new DataView(bytes.buffer);
  if (view.getUint8(0) !== VERSION) return "version";
  const startsAt = (view.getUint8(43) * 2 ** 32 + view.getUint32(44)) * 1_000;
  return {
    keyNumber: view.getUint16(1),
    ticketId: formatId("tkt", bytes.subarray(3, 19)),
    eventTail: toHex(bytes.subarray(19, 27)),
    slotTail: toHex(bytes.subarray(27, 35)),
    ticketTypeTail: toHex(bytes.subarray(35, 43)),
    startsAt,
    endsAt: startsAt + view.getUint32(48) * 1_000,
    admits: view.getUint16(52),
    content: bytes.subarray(0, CONTENT_BYTES),
    signature: bytes.subarray(CONTENT_BYTES),
  };
}
