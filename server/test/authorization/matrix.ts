import { idOfNothing, type Ours, type PrincipalName, type World } from "./principals.ts";

// Who gets which answer, written down by hand: what the code decides is held to it. A route that has no line here fails.

/** What each principal gets; `ok`: it is let through, whatever is then answered. */
export type Answers = Readonly<Partial<Record<"ok" | 401 | 403 | 404, readonly PrincipalName[]>>>;

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

const FORGED = [
  ...["forged token", "mistyped key", "revoked key", "expired key"],
  ...["revoked pass", "expired pass", "invitation token"],
] as readonly PrincipalName[];
const NOBODY: readonly PrincipalName[] = ["anonymous", "ended session"];
const FOREIGN: readonly PrincipalName[] = [
  ...(["former member", "stranger", "other owner"] as const),
  ...(["other's key", "other's pass", "other event's token"] as const),
];
const HOLDERS: readonly PrincipalName[] = [
  ...(["reservation token", "reservation view token"] as const),
  ...(["transferred reservation's token", "other reservation's token"] as const),
];
const USERS: readonly PrincipalName[] = [
  ...(["owner", "manager", "viewer", "door"] as const),
  ...(["former member", "stranger", "other owner"] as const),
];
const KEYS: readonly PrincipalName[] = ["key read", "key write", "key door", "key feed"];
const OTHER_TOKENS: readonly PrincipalName[] = [
  ...(["other's key", "door pass", "other's pass", "other event's token"] as const),
  ...HOLDERS,
];

/** Nothing is read, so everybody gets the same. */
const ANYBODY: Answers = {
  ok: [...NOBODY, ...FORGED, "claimed event's token", ...USERS, ...KEYS, ...OTHER_TOKENS],
};
/** There for nobody, whoever they are. */
const NOBODYS: Answers = { 404: ANYBODY.ok ?? [] };
/** For anybody, but credentials that are sent must be good. */
const ANYBODY_IDENTIFIED: Answers = {
  401: FORGED,
  ok: [...NOBODY, "claimed event's token", ...USERS, ...KEYS, ...OTHER_TOKENS],
};
const PUBLISHED_EVENT: Answers = {
  401: [...FORGED, "claimed event's token"],
  ok: [...NOBODY, ...USERS, ...KEYS, ...OTHER_TOKENS],
};
const LOGGED_IN: Answers = {
  ok: USERS,
  401: [...NOBODY, ...FORGED, "claimed event's token", ...KEYS, ...OTHER_TOKENS],
};

/** On the shared event: to whom it is none of their business there is no such event. */
const onEvent = (ok: readonly PrincipalName[], forbidden: readonly PrincipalName[]): Answers => ({
  ok,
  403: forbidden,
  404: [...FOREIGN, ...HOLDERS],
  401: [...NOBODY, ...FORGED, "claimed event's token"],
});
const EVENT_WRITE = onEvent(
  ["owner", "manager", "key write"],
  ["viewer", "door", "key read", "key door", "key feed", "door pass"],
);
const EVENT_READ = onEvent(
  ["owner", "manager", "viewer", "door", "key read", "key write", "key door"],
  ["key feed", "door pass"],
);
const ATTENDEES_READ = onEvent(
  ["owner", "manager", "viewer", "key read"],
  ["door", "key write", "key door", "key feed", "door pass"],
);
const AT_THE_DOOR = onEvent(
  ["owner", "manager", "door", "key door", "door pass"],
  ["viewer", "key read", "key write", "key feed"],
);
const EVENT_AUDIT = onEvent(["owner"], ["manager", "viewer", "door", ...KEYS, "door pass"]);
const DRAFT: Answers = {
  ok: ["owner", "manager", "viewer", "door", "key read", "key write", "key door"],
  404: [...NOBODY, ...FOREIGN, ...HOLDERS, "key feed", "door pass", "claimed event's token"],
  401: FORGED,
};

const onReservation = (
  ok: readonly PrincipalName[],
  forbidden: readonly PrincipalName[],
  missing: readonly PrincipalName[],
): Answers => ({
  ok,
  403: forbidden,
  404: [...FOREIGN, "other reservation's token", ...missing],
  401: [...NOBODY, ...FORGED, "claimed event's token", "transferred reservation's token"],
});
const RESERVATION_READ = onReservation(
  [
    ...(["owner", "manager", "viewer", "key read"] as const),
    ...(["reservation token", "reservation view token"] as const),
  ],
  ["door", "key write", "key door", "key feed", "door pass"],
  [],
);
const RESERVATION_WRITE = onReservation(
  ["owner", "manager", "key write", "reservation token"],
  ["viewer", "door", "key read", "key door", "key feed", "door pass"],
  ["reservation view token"],
);

const onOrganizer = (
  ok: readonly PrincipalName[],
  forbidden: readonly PrincipalName[],
  missing: readonly PrincipalName[] = [],
): Answers => ({
  ok,
  403: forbidden,
  404: [...FOREIGN, ...HOLDERS, "door pass", "claimed event's token", ...missing],
  401: [...NOBODY, ...FORGED],
});
const ORGANIZER_READ = onOrganizer(
  ["owner", "manager", "viewer", "door", "key read", "key write"],
  ["key door", "key feed"],
);
const ORGANIZER_EVENTS = onOrganizer(
  ["owner", "manager", "key write"],
  ["viewer", "door", "key read", "key door", "key feed"],
);
const MEMBERS_READ = onOrganizer(["owner", "manager", "viewer"], ["door", ...KEYS]);
const OWNER = onOrganizer(["owner"], ["manager", "viewer", "door", ...KEYS]);
/** Only a member can leave: a key is none. */
const MEMBERS = onOrganizer(
  ["owner", "manager", "viewer", "door"],
  ["key door", "key feed"],
  ["key read", "key write"],
);
const PASS_ALONE: Answers = {
  ok: ["door pass", "other's pass"],
  401: [...NOBODY, ...FORGED],
  404: [
    ...USERS,
    ...KEYS,
    ...(["other's key", "other event's token", "claimed event's token"] as const),
    ...HOLDERS,
  ],
};

const SLOT = { starts_at: "2090-07-01T10:00Z", ends_at: "2090-07-01T11:00Z", capacity: 10 };
const WRONG = { password: "not the password" };
const TOKEN = "A".repeat(43);
const CODE = { code: "000000" };
const PASSKEY = { id: "x", rawId: "x", type: "public-key", response: {} };
const none = (kind: Parameters<typeof idOfNothing>[0]) => () => idOfNothing(kind);

/** On an event that no organizer has, with the token that is another's everywhere else. */
const ANONYMOUS_EVENT: Answers = {
  ok: ["other event's token"],
  403: ["other's pass"],
  404: [
    ...USERS,
    ...KEYS,
    ...HOLDERS,
    ...(["other's key", "door pass", "claimed event's token"] as const),
  ],
  401: [...NOBODY, ...FORGED],
};

const DOOR_OF_ANONYMOUS_EVENT: Answers = {
  ...ANONYMOUS_EVENT,
  ok: ["other event's token", "other's pass"],
  403: [],
};

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
  "readDoor on an anonymous event": {
    answers: DOOR_OF_ANONYMOUS_EVENT,
    on: "anonymous event",
  },
  readDoorCounts: { answers: AT_THE_DOOR },
  "readDoorCounts on an anonymous event": {
    answers: DOOR_OF_ANONYMOUS_EVENT,
    on: "anonymous event",
  },
  streamDoorCounts: { answers: AT_THE_DOOR },
  "streamDoorCounts on an anonymous event": {
    answers: DOOR_OF_ANONYMOUS_EVENT,
    on: "anonymous event",
  },

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
  ...["listReservations", "exportAttendees", "eraseAttendees", "readReservation"],
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
      const again: Row = { ...row, answers: ANONYMOUS_EVENT, on: "anonymous event" };
      return [`${name} on an anonymous event`, again];
    }),
  ),
  ...ON_OURS,
};
