import { formatId } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import { withOffset } from "#platform/wall-time.ts";
import type { TicketSheet } from "./ticket-sheet.ts";
import { type Label, ticketDescription } from "./wallet-words.ts";

/** Whose passes for Apple Wallet we make, and what with. */
export interface AppleWallet {
  readonly passType: string;
  readonly team: string;
  /** Null: passes say the server's name instead. */
  readonly organization: string | null;
  /** PEM, as all of these; the key is not encrypted. */
  readonly certificate: string;
  readonly key: string;
  readonly wwdr: string;
}

interface Field {
  readonly key: string;
  readonly label: Label;
  readonly value: string | number;
  readonly [attribute: string]: unknown;
}

/**
 * What Apple Wallet shows of a ticket: the content of `pass.json`. Times are those of the event's place wherever the phone is;
 * a void ticket has no code. The same ticket has the same serial number, so a newer pass takes the place of the older one.
 */
export function applePassContent(sheet: TicketSheet, wallet: Omit<AppleWallet, "key">): object {
  const organization = wallet.organization ?? new URL(sheet.eventUrl).hostname;
  return {
    formatVersion: 1,
    passTypeIdentifier: wallet.passType,
    teamIdentifier: wallet.team,
    serialNumber: formatId("tkt", sheet.ticketId),
    groupingIdentifier: formatId("evt", sheet.eventId),
    organizationName: organization,
    logoText: organization,
    description: ticketDescription(sheet.eventName, sheet.language),
    expirationDate: toRfc3339(sheet.endsAt),
    ...(sheet.isVoid
      ? { voided: true }
      : {
          // Brings the pass to the lock screen: not one that lets nobody in.
          relevantDate: toRfc3339(sheet.startsAt),
          barcodes: [
            { format: "PKBarcodeFormatQR", message: sheet.code, messageEncoding: "iso-8859-1" },
          ],
        }),
    // The icon's colours: the logo has no edge.
    backgroundColor: "rgb(140, 58, 31)",
    foregroundColor: "rgb(255, 246, 234)",
    labelColor: "rgb(246, 214, 196)",
    eventTicket: {
      headerFields: headerOf(sheet),
      primaryFields: [{ key: "event", label: "Event", value: sheet.eventName }] satisfies Field[],
      secondaryFields: slotOf(sheet),
      auxiliaryFields: admissionOf(sheet),
      backFields: backOf(sheet),
    },
  };
}

function headerOf({ ordinal, count }: TicketSheet): readonly Field[] {
  return count > 1 ? [{ key: "ordinal", label: "Ticket", value: `${ordinal} / ${count}` }] : [];
}

function slotOf(sheet: TicketSheet): readonly Field[] {
  const { placeName } = sheet;
  return [
    timeField("starts", "Starts", { at: sheet.startsAt, timeZone: sheet.timeZone }),
    ...(placeName === null ? [] : [{ key: "place", label: "Place", value: placeName } as const]),
  ];
}

function admissionOf({ ticketType, admits, holderName }: TicketSheet): readonly Field[] {
  return [
    { key: "type", label: "Type", value: ticketType },
    ...(admits > 1 ? [{ key: "admits", label: "Admits", value: admits } as const] : []),
    ...(holderName === null ? [] : [{ key: "holder", label: "Name", value: holderName } as const]),
  ];
}

function backOf(sheet: TicketSheet): readonly Field[] {
  const { slotNote, placeName, placeAddress, timeZone, eventUrl } = sheet;
  const address = [placeName, placeAddress].filter((line) => line !== null).join("\n");
  return [
    timeField("back-starts", "Starts", { at: sheet.startsAt, timeZone }),
    timeField("back-ends", "Ends", { at: sheet.endsAt, timeZone }),
    { key: "time-zone", label: "Time zone", value: timeZone },
    ...(slotNote === null ? [] : [{ key: "note", label: "Note", value: slotNote } as const]),
    ...(address === "" ? [] : [{ key: "address", label: "Address", value: address } as const]),
    { key: "page", label: "Event page", value: eventUrl },
    { key: "number", label: "Ticket number", value: formatId("tkt", sheet.ticketId) },
  ];
}

/** Shown as the clocks at the place show it, in the phone's language. */
function timeField(
  key: string,
  label: Label,
  { at, timeZone }: { readonly at: number; readonly timeZone: string },
): Field {
  return {
    key,
    label,
    value: withOffset(at, timeZone),
    dateStyle: "PKDateStyleMedium",
    timeStyle: "PKDateStyleShort",
    ignoresTimeZone: true,
  };
}
