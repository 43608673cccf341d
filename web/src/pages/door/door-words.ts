import type { GateAnswer, GateState, GateTicket } from "@tessera/sdk";
import { LOCALE } from "../../format/locale.ts";
import type { CameraFault } from "./read-camera.ts";

// Everything that the page of a gate says, in one place.

/** Green, amber, red: come in, look at this, stop. */
export type Tone = "good" | "warn" | "bad";

/** What is shown of a presentation. */
export interface Shown {
  readonly tone: Tone;
  /** What is read from an arm's length away. */
  readonly title: string;
  /** Why, in one line; empty when there is no need to. */
  readonly why: string;
  readonly facts: readonly string[];
}

type Picture = NonNullable<GateState["door"]>;

export function shownOf(answer: GateAnswer, picture: Picture | null, now: number): Shown {
  const say = timesOf(picture?.time_zone, now);
  const [reason] = answer.reasons;
  const said = saidOf(answer, picture, say) ?? {
    tone: answer.isLetThrough ? "good" : "bad",
    title: answer.isLetThrough ? "Admitted" : "Not admitted",
    why: reason?.message ?? "",
  };
  return { ...said, facts: factsOf(answer, say) };
}

type Said = Omit<Shown, "facts">;

function saidOf(answer: GateAnswer, picture: Picture | null, say: Times): Said | null {
  const { outcome, ticket, firstAdmitted } = answer;
  const [reason] = answer.reasons;
  const code = reason?.code ?? "";
  if (outcome === "admitted") return { tone: "good", title: "Admitted", why: "" };
  if (outcome === "left") return { tone: "good", title: "Out", why: "May come back in." };
  if (outcome === "already_presented") {
    const why = firstAdmitted === null ? "" : placeOf(firstAdmitted, say);
    return { tone: "warn", title: "Already presented", why };
  }
  if (outcome === "not_inside") {
    return { tone: "warn", title: "Not inside", why: "Nobody is inside with this ticket." };
  }
  if (outcome === "too_early") {
    const opensAt = Date.parse(String(reason?.["opens_at"] ?? ""));
    const why = Number.isNaN(opensAt) ? "" : `Let in from ${say.moment(opensAt)}.`;
    return { tone: "bad", title: "Too early", why };
  }
  if (code === "wrong_gate") {
    const type = picture?.ticket_types.find(({ id }) => id === ticket?.ticketType?.id);
    const gates = (type?.gates ?? []).join(", ");
    const why = gates === "" ? "This ticket is for another gate." : `Send them to: ${gates}.`;
    return { tone: "bad", title: "Another gate", why };
  }
  if (code === "over" && ticket !== null) {
    return { tone: "bad", title: "Over", why: `It was for ${say.hours(ticket.slot)}.` };
  }
  if (code === "other_slot" && ticket !== null) {
    return { tone: "bad", title: "Another time", why: `It is for ${say.hours(ticket.slot)}.` };
  }
  const fixed = FIXED[code];
  return fixed ?? null;
}

/** By the code of the reason. */
const FIXED: Readonly<Record<string, Said>> = {
  key_revoked: {
    tone: "bad",
    title: "Not valid",
    why: "A newer code has replaced it: the holder finds that at the reservation.",
  },
  ticket_revoked: {
    tone: "bad",
    title: "Not valid",
    why: "It was cancelled, exchanged or handed over.",
  },
  event_cancelled: { tone: "bad", title: "Cancelled", why: "The event is cancelled." },
  nonce_reused: { tone: "warn", title: "Again", why: "Scan it once more." },
  malformed: { tone: "bad", title: "No ticket", why: "This code is no ticket." },
  version: {
    tone: "bad",
    title: "Cannot read it",
    why: "The ticket is newer than this page. Reload the page.",
  },
  other_event: { tone: "bad", title: "Another event", why: "This ticket is for another event." },
  unknown_key: {
    tone: "bad",
    title: "Cannot tell",
    why: "This gate does not know its key. Try again with a network.",
  },
  signature: { tone: "bad", title: "Forged", why: "Somebody made or changed this code." },
  no_such_ticket: { tone: "bad", title: "No ticket", why: "There is no such ticket." },
  cannot_verify: {
    tone: "warn",
    title: "Cannot tell",
    why: "This browser cannot check tickets without a network.",
  },
};

function factsOf({ ticket, presentedBefore, outcome }: GateAnswer, say: Times): readonly string[] {
  if (ticket === null) return [];
  const initials = ticket.holderInitials;
  const often =
    presentedBefore === 0 || outcome === "left" ? "" : `Presented ${timesBefore(presentedBefore)}`;
  return [typeOf(ticket), say.hours(ticket.slot), initials ?? "", often].filter((fact) => fact);
}

function typeOf({ ticketType, admits }: GateTicket): string {
  const name = ticketType?.name ?? "";
  return admits === 1 ? name : `${name} for ${admits} people`.trim();
}

function timesBefore(times: number): string {
  return times === 1 ? "once before" : `${times} times before`;
}

/** `at 19:02, North door` */
export function placeOf(
  { at, gate }: { readonly at: number; readonly gate: string | null },
  say: Times,
): string {
  return `${say.when(at)}${gate === null || gate === "" ? "" : `, ${gate}`}`;
}

/** Times as they are said at the event: in its zone, with the day only where it is another. */
export interface Times {
  moment(at: number): string;
  /** `at 19:02`, `on 14 June, 19:02` */
  when(at: number): string;
  hours(slot: { readonly startsAt: number; readonly endsAt: number }): string;
}

export function timesOf(timeZone: string | undefined, now: number): Times {
  const zone = timeZone === undefined ? {} : { timeZone };
  const short = new Intl.DateTimeFormat(LOCALE, { timeStyle: "short", ...zone });
  const day = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "long", ...zone });
  const today = day.format(now);
  const dayOf = (at: number) => (day.format(at) === today ? "" : `${day.format(at)}, `);
  // `7:05 PM` stays in one line.
  const whole = (text: string) => text.replaceAll(" ", "\u00a0");
  const moment = (at: number) => `${dayOf(at)}${whole(short.format(at))}`;
  return {
    moment,
    when: (at) => `${dayOf(at) === "" ? "at" : "on"} ${moment(at)}`,
    hours: ({ startsAt, endsAt }) =>
      `${dayOf(startsAt)}${whole(short.formatRange(startsAt, endsAt))}`,
  };
}

export const CAMERA_WORDS: Readonly<Record<CameraFault, string>> = {
  insecure:
    "Browsers give the camera only to pages that came by https. Open this page by its https address, or scan with a scanner that types.",
  refused:
    "The camera is not allowed for this page. Allow it in the settings of the browser, then try again. A scanner that types works meanwhile.",
  none: "This device has no camera. Use a scanner that types, or type the code.",
  busy: "The camera cannot be used now; another program may have it. Close that, then try again.",
};

export const WORDS = {
  pageTitle: "Gate",
  noGateTitle: "This device is no gate",
  noGate:
    "Scan the QR code of a door pass with this phone's camera. Whoever manages the event makes it.",
  opening: "Opening the gate …",
  refusedTitle: "This pass opens nothing any more",
  refused: "It was revoked, or its time is over. Ask for another one, and scan its QR code.",
  unreachableTitle: "No network yet",
  unreachable: "A gate needs the network once, before it can work without. Trying again …",
  unableTitle: "This window cannot be a gate",
  unable:
    "The browser keeps nothing for it, as in a private window. Scan the pass again in a usual one.",
  light: "Light",
  start: "Start scanning",
  startWithout: "Without the camera",
  retryCamera: "Try the camera again",
  useCamera: "Use the camera",
  stop: "Stop being a gate",
  stopSure: "Yes, stop",
  keep: "Stay a gate",
  stopHint: "The pass is removed from this device. To come back, scan it again.",
  ready: "Ready",
  readyHint: "Hold a ticket's code in front of the camera.",
  readyTyped: "Scan a ticket, or type its code and press Enter.",
  checking: "Checking …",
  decidedHere: "decided without a network",
  again: "Let in one more with it",
  cameraLabel: "What the camera sees",
  codeLabel: "Code",
  codeHint: "Scanner or keyboard",
  directionLabel: "Which way",
  in: "In",
  out: "Out",
  offline: "No network",
  offlineHint: "This gate decides by itself.",
  cannotAlone: "Without a network this browser cannot check tickets.",
  surplusSeen: "Seen",
  inside: "inside",
  admitted: "admitted",
  atThisGate: "at this gate",
  details: "This gate",
  failed: "Something went wrong. Try it again.",
} as const;

export function expiryWords(expiresAt: string, say: Times): string {
  return `Good until ${say.moment(Date.parse(expiresAt))}`;
}

export function waitingWords(count: number): string {
  if (count === 0) return "Nothing waits to be sent.";
  return count === 1 ? "1 scan waits to be sent." : `${count} scans wait to be sent.`;
}

/** Said where a gate ends; empty when nothing is lost by it. */
export function leftWords(waiting: number): string {
  return waiting === 0
    ? ""
    : `${waitingWords(waiting)} They stay on this device until a pass for the same gate is scanned here.`;
}

export function syncedWords(at: number | null, say: Times): string {
  return at === null ? "Nothing is known yet." : `What it knows is of ${say.moment(at)}.`;
}

export function surplusWords(count: number): string {
  return count === 1
    ? "1 person was let in here who should not have been."
    : `${count} people were let in here who should not have been.`;
}

export function surplusLine(
  { at, firstAdmitted }: GateState["surplus"][number],
  say: Times,
): string {
  const here = `Here at ${say.moment(at)}`;
  return firstAdmitted === null
    ? `${here}: the ticket was not valid any more.`
    : `${here}: the ticket was used ${placeOf(firstAdmitted, say)}.`;
}

export function refusedScansWords(count: number): string {
  return count === 1
    ? "1 scan was not taken by the server."
    : `${count} scans were not taken by the server.`;
}
