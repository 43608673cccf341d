import { createHash, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import { assert } from "#platform/assert.ts";
import type { EpochMs } from "#platform/clock.ts";
import { formatId } from "#platform/id.ts";
import { withOffset } from "#platform/wall-time.ts";
import { sheetLanguage } from "./sheet-words.ts";
import type { TicketSheet } from "./ticket-sheet.ts";
import { LABELS, type Label } from "./wallet-words.ts";

/** Whose tickets for Google Wallet we make, and what with. */
export interface GoogleWallet {
  readonly issuer: string;
  /** The address of the service account. */
  readonly account: string;
  readonly key: KeyObject;
}

const SAVE_URL = "https://pay.google.com/gp/v/save/";
const HEADER = { alg: "RS256" } as const;
/** What Google calls safe: somebody's browser cuts off longer links. */
const JWT_LENGTH_MAX = 1_800;
const ID_BYTES = 12;

/** How much is said. */
interface Fullness {
  /** What it can do without: with 1 who else belongs to it, 2 and the event's other tickets, 3 and a note, 4 and the rest. */
  readonly extras: 0 | 1 | 2 | 3 | 4;
  /** Longer texts are shortened. */
  readonly textLength: number;
  readonly hasPlace: boolean;
}

const WHOLE = Number.POSITIVE_INFINITY;
/** What is tried one after another until the link is short enough. */
const FULLNESSES: readonly Fullness[] = [
  ...([4, 3, 2, 1, 0] as const).map((extras) => ({ extras, textLength: WHOLE, hasPlace: true })),
  ...[60, 45, 35, 30, 25, 20, 15].map(
    (textLength) => ({ extras: 0, textLength, hasPlace: true }) as const,
  ),
  ...[30, 20, 10].map((textLength) => ({ extras: 0, textLength, hasPlace: false }) as const),
];

/**
 * The link by which a ticket comes into its holder's Google Wallet: everything that is said there is in the link itself,
 * signed. Where that would be too long, less is said: the code, the times and the beginning of the names always are.
 *
 * What Google has under an id is changed by its API alone, not by another link; so ids follow from what is said, and a ticket
 * that changed is another.
 */
export async function googleWalletLink(
  sheet: TicketSheet,
  { wallet, now }: { readonly wallet: GoogleWallet; readonly now: EpochMs },
): Promise<string> {
  assert(!sheet.isVoid, "a void ticket has no code to show");
  let claims = {};
  for (const fullness of FULLNESSES) {
    claims = {
      iss: wallet.account,
      aud: "google",
      typ: "savetowallet",
      // Pages that show Google's own button: there are none, but the claim must be.
      origins: [],
      iat: Math.floor(now / 1000),
      payload: payloadOf(sheet, wallet.issuer, fullness),
    };
    if (jwtLength(claims, wallet.key) <= JWT_LENGTH_MAX) break;
  }
  return `${SAVE_URL}${await new SignJWT(claims).setProtectedHeader(HEADER).sign(wallet.key)}`;
}

function payloadOf(sheet: TicketSheet, issuer: string, fullness: Fullness): object {
  const { extras, textLength } = fullness;
  const text = (value: string) => shortened(value, textLength);
  const { language, holderName, ordinal, count } = sheet;
  const ticketClass = withId(issuer, sheet.slotId, {
    issuerName: new URL(sheet.eventUrl).hostname,
    reviewStatus: "UNDER_REVIEW",
    // Tickets of one event lie together.
    ...(extras >= 2 && { eventId: formatId("evt", sheet.eventId) }),
    eventName: inLanguage(language, text(sheet.eventName)),
    ...(fullness.hasPlace && venueOf(sheet, text)),
    dateTime: {
      start: withOffset(sheet.startsAt, sheet.timeZone),
      end: withOffset(sheet.endsAt, sheet.timeZone),
    },
    ...(extras >= 4 && {
      hexBackgroundColor: "#8c3a1f",
      homepageUri: { uri: sheet.eventUrl },
    }),
  });
  const texts = textsOf(sheet, extras);
  const ticketObject = withId(issuer, sheet.ticketId, {
    classId: ticketClass.id,
    state: "ACTIVE",
    ...(holderName !== null && { ticketHolderName: text(holderName) }),
    ...(extras >= 1 && count > 1 && { ticketNumber: `${ordinal} / ${count}` }),
    ticketType: inLanguage(language, text(sheet.ticketType)),
    barcode: { type: "QR_CODE", value: sheet.code },
    ...(texts.length > 0 && { textModulesData: texts }),
  });
  return { eventTicketClasses: [ticketClass], eventTicketObjects: [ticketObject] };
}

/** Google takes both name and address, or no place. */
function venueOf(
  { language, placeName, placeAddress }: TicketSheet,
  text: (value: string) => string,
): { readonly venue?: object } {
  const name = placeName ?? placeAddress;
  const address = placeAddress ?? placeName;
  if (name === null || address === null) return {};
  return {
    venue: {
      name: inLanguage(language, text(name)),
      address: inLanguage(language, text(address)),
    },
  };
}

/** What Google has no place of its own for. */
function textsOf({ admits, slotNote, language }: TicketSheet, extras: Fullness["extras"]) {
  const label = (name: Label) => LABELS[sheetLanguage(language)][name];
  return [
    ...(extras >= 1 && admits > 1 ? [{ header: label("Admits"), body: String(admits) }] : []),
    ...(extras >= 3 && slotNote !== null ? [{ header: label("Note"), body: slotNote }] : []),
  ];
}

function inLanguage(language: string, value: string): object {
  return { defaultValue: { language, value } };
}

/** With an id that follows from the content. */
function withId<Content extends object>(issuer: string, of: string, content: Content) {
  const sum = createHash("sha256")
    .update(`${of}${JSON.stringify(content)}`)
    .digest();
  return { id: `${issuer}.${sum.subarray(0, ID_BYTES).toString("base64url")}`, ...content };
}

function shortened(text: string, lengthMax: number): string {
  const characters = [...text];
  return characters.length <= lengthMax ? text : `${characters.slice(0, lengthMax - 1).join("")}…`;
}

/** As it will be when it is signed: header, claims and signature in base64url with dots between. */
function jwtLength(claims: object, key: KeyObject): number {
  const signatureBytes = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const parts = [
    Buffer.byteLength(JSON.stringify(HEADER)),
    Buffer.byteLength(JSON.stringify(claims)),
    signatureBytes,
  ];
  return parts.reduce((sum, bytes) => sum + Math.ceil((bytes * 4) / 3), 2);
}
