import {
  ANONYMOUS_DOOR,
  ANONYMOUS_EVENT,
  ANYBODY,
  ANYBODY_IDENTIFIED,
  type Answers,
  AT_THE_DOOR,
  ATTENDEES_READ,
  DRAFT,
  EVENT_AUDIT,
  EVENT_READ,
  EVENT_WRITE,
  FORGED,
  LOGGED_IN,
  MEMBERS,
  MEMBERS_READ,
  NOBODY,
  NOBODYS,
  ORGANIZER_EVENTS,
  ORGANIZER_READ,
  OTHER_TOKENS,
  OWNER,
  PASS_ALONE,
  PUBLISHED_EVENT,
  RESERVATION_READ,
  RESERVATION_WRITE,
  TICKET_CODE,
  USERS,
} from "./answers.ts";
import { idOfNothing, type Ours, type World } from "./principals.ts";

// Who gets which answer, written down by hand: what the code decides is held to it. A route that has no line here fails.

/** One route. */
export interface Row {
  readonly answers: Answers;
  readonly body?: (world: World, target: Ours) => object;
  /** The path's second id. */
  readonly second?: (world: World) => string;
  readonly query?: string;
  /** Whoever is let through gets an event of their own for it: it does not bear to be done twice. */
  readonly isOnce?: true;
  /** Whoever is let through may be told that what the path names is not there. */
  readonly mayBeMissing?: true;
  /** Ends the session: done with one made for it. */
  readonly endsSession?: true;
  /** Instead of the organizer's published event. */
  readonly on?: "draft" | "anonymous event";
}

const SLOT = { starts_at: "2090-07-01T10:00Z", ends_at: "2090-07-01T11:00Z", capacity: 10 };
const WRONG = { password: "not the password" };
const TOKEN = "A".repeat(43);
const CODE = { code: "000000" };
const PASSKEY = { id: "x", rawId: "x", type: "public-key", response: {} };
const none = (kind: Parameters<typeof idOfNothing>[0]) => () => idOfNothing(kind);

/** By `operationId`; where a route is tried in several ways, by that and some words. */
const ON_OURS: Readonly<Record<string, Row>> = {
  register: {
    answers: ANYBODY_IDENTIFIED,
    body: () => ({ user_name: "x", email: "x", password: "x" }),
  },
  verifyEmail: { answers: ANYBODY_IDENTIFIED, body: () => ({ token: TOKEN }) },
  resendVerification: { answers: ANYBODY_IDENTIFIED, body: () => ({ email: "x@example.org" }) },
  requestPasswordReset: { answers: ANYBODY_IDENTIFIED, body: () => ({ email: "x@example.org" }) },
  resetPassword: {
    answers: ANYBODY_IDENTIFIED,
    body: () => ({ token: TOKEN, password: "long enough to be taken" }),
  },
  logIn: { answers: ANYBODY_IDENTIFIED, body: () => ({ login: "nobody", ...WRONG }) },
  giveSecondFactor: { answers: ANYBODY_IDENTIFIED, body: () => CODE },
  beginPasskeyLogin: { answers: ANYBODY_IDENTIFIED },
  logInByPasskey: { answers: ANYBODY_IDENTIFIED, body: () => ({ response: PASSKEY }) },
  logOut: { answers: ANYBODY_IDENTIFIED, endsSession: true },
  readMe: { answers: LOGGED_IN },
  changePassword: {
    answers: LOGGED_IN,
    body: () => ({ current_password: "not it", new_password: "long enough to be taken" }),
  },
  listSessions: { answers: LOGGED_IN },
  endSession: { answers: LOGGED_IN, second: none("ses"), mayBeMissing: true },
  beginSecondFactor: { answers: LOGGED_IN, body: () => WRONG },
  confirmSecondFactor: { answers: LOGGED_IN, body: () => CODE },
  endSecondFactor: { answers: LOGGED_IN, body: () => WRONG },
  listPasskeys: { answers: LOGGED_IN },
  beginPasskey: { answers: LOGGED_IN },
  addPasskey: { answers: LOGGED_IN, body: () => ({ name: "x", response: PASSKEY }) },
  renamePasskey: {
    answers: LOGGED_IN,
    second: none("psk"),
    body: () => ({ name: "x" }),
    mayBeMissing: true,
  },
  deletePasskey: { answers: LOGGED_IN, second: none("psk"), mayBeMissing: true },

  createOrganizer: { answers: LOGGED_IN, body: () => ({ name: "Another one" }) },
  listOrganizers: { answers: LOGGED_IN },
  readOrganizer: { answers: ORGANIZER_READ },
  changeOrganizer: { answers: OWNER, body: () => ({ name: "National Museum" }) },
  readOrganizerAudit: { answers: OWNER },
  listMembers: { answers: MEMBERS_READ },
  changeMember: {
    answers: OWNER,
    second: ({ bystander }) => bystander.id,
    body: () => ({ role: "viewer" }),
  },
  removeMember: { answers: OWNER, second: none("usr"), mayBeMissing: true },
  transferOrganizer: { answers: OWNER, body: ({ owner }) => ({ user_id: owner.id }) },
  invite: { answers: OWNER, body: () => ({ email: "guest@example.org", role: "viewer" }) },
  listInvitations: { answers: OWNER },
  takeInvitationBack: { answers: OWNER, second: none("inv"), mayBeMissing: true },
  acceptInvitation: { answers: LOGGED_IN, body: () => ({ token: TOKEN }) },
  claimEvent: { answers: ORGANIZER_EVENTS, body: () => ({ event_token: "none of ours" }) },
  createApiKey: { answers: OWNER, body: () => ({ name: "x", scopes: ["read"] }) },
  listApiKeys: { answers: OWNER },
  revokeApiKey: { answers: OWNER, second: none("key"), mayBeMissing: true },

  createEvent: {
    // A key opens events of its organizer, and needs the scope for it.
    answers: {
      401: FORGED,
      403: ["key read", "key door", "key feed"],
      ok: [...NOBODY, "claimed event's token", "key write", ...USERS, ...OTHER_TOKENS],
    },
    body: () => ({ name: "Night", slots: [] }),
  },
  "createEvent for the organizer": {
    answers: ORGANIZER_EVENTS,
    body: (_world, { organizer }) => ({ name: "Night", slots: [], organizer_id: organizer }),
  },
  listEvents: { answers: ANYBODY_IDENTIFIED },
  readEvent: { answers: PUBLISHED_EVENT },
  "readEvent of a draft": { answers: DRAFT, on: "draft" },
  listSlots: { answers: PUBLISHED_EVENT },
  "listSlots of a draft": { answers: DRAFT, on: "draft" },
  readAvailability: { answers: PUBLISHED_EVENT },
  "readAvailability of a draft": { answers: DRAFT, on: "draft" },
  streamAvailability: { answers: PUBLISHED_EVENT },
  "streamAvailability of a draft": { answers: DRAFT, on: "draft" },
  readEventCalendar: { answers: PUBLISHED_EVENT },
  "readEventCalendar of a draft": { answers: DRAFT, on: "draft" },
  readEventQrPng: { answers: PUBLISHED_EVENT },
  readEventQrSvg: { answers: PUBLISHED_EVENT },
  "readEventQrSvg of a draft": { answers: DRAFT, on: "draft" },
  changeEvent: { answers: EVENT_WRITE, body: () => ({ name: "Night" }) },
  publishEvent: { answers: EVENT_WRITE },
  cancelEvent: { answers: EVENT_WRITE, isOnce: true },
  addSlots: { answers: EVENT_WRITE, body: () => SLOT },
  changeSlot: { answers: EVENT_WRITE, body: () => ({ capacity: 1000 }) },
  removeSlot: { answers: EVENT_WRITE, isOnce: true },
  addTicketType: { answers: EVENT_WRITE, body: () => ({ name: "Child" }) },
  changeTicketType: { answers: EVENT_WRITE, body: () => ({ name: "Adult" }) },
  removeTicketType: { answers: EVENT_WRITE, isOnce: true },
  proveSlot: { answers: EVENT_READ },
  readEventAudit: { answers: EVENT_AUDIT },
  readTicketKeys: { answers: PUBLISHED_EVENT },
  "readTicketKeys of a draft": { answers: DRAFT, on: "draft" },
  rotateTicketKeys: { answers: EVENT_WRITE, body: () => ({ revoke: false }) },
  createDoorPass: {
    answers: EVENT_WRITE,
    body: ({ town }) => ({ gate: "south", expires_at: town.timeIn(3600) }),
  },
  listDoorPasses: { answers: EVENT_WRITE },
  revokeDoorPass: { answers: EVENT_WRITE, second: none("dps"), mayBeMissing: true },
  readDoorPassQrSvg: { answers: EVENT_WRITE, second: none("dps"), mayBeMissing: true },
  readDoorPassQrPng: { answers: EVENT_WRITE, second: none("dps"), mayBeMissing: true },
  readDoorPass: { answers: PASS_ALONE },
  readDoor: { answers: AT_THE_DOOR },
  readDoorCounts: { answers: AT_THE_DOOR },
  streamDoorCounts: { answers: AT_THE_DOOR },
  redeem: {
    answers: AT_THE_DOOR,
    body: (_world, { event }) => ({ code: "no code", event_id: event }),
  },
  reportScans: {
    answers: AT_THE_DOOR,
    body: ({ town }, { event }) => ({
      event_id: event,
      scans: [{ id: "1", code: "no code", at: town.timeIn(0) }],
    }),
  },
  listRedemptionsOfTicket: { answers: ATTENDEES_READ },
  undoAdmission: { answers: EVENT_WRITE },

  reserve: {
    answers: ANYBODY,
    body: (_world, { slot }) => ({ lines: [{ slot_id: slot, quantity: 1 }] }),
  },
  resendLinks: {
    answers: ANYBODY,
    body: (_world, { event }) => ({ email: "nobody@example.org", event_id: event }),
  },
  listReservations: { answers: ATTENDEES_READ },
  exportAttendees: { answers: ATTENDEES_READ },
  eraseAttendees: { answers: EVENT_WRITE, body: () => ({ email: "nobody@example.org" }) },
  readReservation: { answers: RESERVATION_READ },
  readTicket: { answers: RESERVATION_READ },
  readTicketQrSvg: { answers: TICKET_CODE },
  readTicketQrPng: { answers: TICKET_CODE },
  readTicketPdf: { answers: TICKET_CODE },
  readTicketsPdf: { answers: TICKET_CODE },
  readTicketPass: { answers: TICKET_CODE },
  readTicketGoogleWallet: { answers: TICKET_CODE },
  readTicketCalendar: { answers: RESERVATION_READ },
  readReservationCalendar: { answers: RESERVATION_READ },
  // The address is all there is: whoever has it needs nothing else, and without it nothing helps.
  readCalendarFeed: { answers: ANYBODY, second: () => TOKEN, mayBeMissing: true },
  changeReservation: { answers: RESERVATION_WRITE, body: () => ({ attendee: { name: "Ada" } }) },
  confirmReservation: { answers: RESERVATION_WRITE },
  extendReservation: { answers: RESERVATION_WRITE },
  releaseReservation: { answers: RESERVATION_WRITE },
  cancelReservation: { answers: RESERVATION_WRITE },
  acceptAlternative: {
    answers: RESERVATION_WRITE,
    body: (_world, { slot }) => ({ slot_id: slot }),
  },
  returnTickets: {
    answers: EVENT_WRITE,
    body: () => ({ tickets: ["tkt_00000000000000000000000000"] }),
    mayBeMissing: true,
  },
  readPaymentOptions: { answers: ANYBODY },
  "readPaymentOptions of a draft": { answers: NOBODYS, on: "draft" },
  createPayment: {
    answers: RESERVATION_WRITE,
    body: () => ({ provider: "test", method_token: "ok" }),
  },
  listPaymentsOfReservation: { answers: RESERVATION_READ },
  readPayment: { answers: RESERVATION_READ },
  cancelPayment: { answers: RESERVATION_WRITE },
  // Money that goes back, and money that came, is for who manages the event to say, and not for holders.
  createRefund: {
    answers: EVENT_WRITE,
    body: () => ({ amount: { amount_minor: 1, currency: "EUR" } }),
  },
  retryRefund: { answers: EVENT_WRITE },
  handBackRefund: { answers: EVENT_WRITE },
  settlePayment: { answers: EVENT_WRITE, body: () => ({ received: true }) },
  listPayments: { answers: ATTENDEES_READ },
  listRefunds: { answers: ATTENDEES_READ },
  // Whoever they are, the signature decides.
  receivePaymentWebhook: { answers: ANYBODY, second: () => "test", body: () => ({}) },
  // Whoever is let through makes the token void: asked for last.
  transferReservation: {
    answers: RESERVATION_WRITE,
    body: () => ({ attendee: { name: "Somebody else" } }),
  },
  leaveOrganizer: { answers: MEMBERS },

  moveTestClock: { answers: ANYBODY, body: () => ({ advance_seconds: 0 }) },
  // Ends every session of whoever is let through: the last of all.
  endSessions: { answers: LOGGED_IN, endsSession: true },
};

/** What the token of an anonymous event opens, each once more on such an event. */
const OPEN_TO_TOKENS = [
  ...["changeEvent", "publishEvent", "addSlots", "changeSlot", "addTicketType", "changeTicketType"],
  ...["proveSlot", "readEventAudit", "createDoorPass", "listDoorPasses", "revokeDoorPass"],
  ...["readDoorPassQrSvg", "readDoorPassQrPng"],
  ...["redeem", "reportScans", "listRedemptionsOfTicket", "undoAdmission"],
  ...["readDoor", "readDoorCounts", "streamDoorCounts"],
  ...["listReservations", "exportAttendees", "eraseAttendees", "readReservation"],
  ...["readTicket", "readTicketCalendar", "readReservationCalendar"],
  ...["changeReservation", "confirmReservation", "extendReservation", "releaseReservation"],
  ...[
    "cancelReservation",
    "acceptAlternative",
    "returnTickets",
    "removeSlot",
    "removeTicketType",
    "cancelEvent",
  ],
  ...["createPayment", "listPaymentsOfReservation", "readPayment", "cancelPayment"],
  "rotateTicketKeys",
  ...[
    "createRefund",
    "retryRefund",
    "handBackRefund",
    "settlePayment",
    "listPayments",
    "listRefunds",
  ],
];

export const MATRIX: Readonly<Record<string, Row>> = {
  ...Object.fromEntries(
    OPEN_TO_TOKENS.map((name) => {
      const { isOnce: _isOnce, ...row } = ON_OURS[name] as Row;
      const answers = row.answers === AT_THE_DOOR ? ANONYMOUS_DOOR : ANONYMOUS_EVENT;
      const again: Row = { ...row, answers, on: "anonymous event" };
      return [`${name} on an anonymous event`, again];
    }),
  ),
  ...ON_OURS,
};
