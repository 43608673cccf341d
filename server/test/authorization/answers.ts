import type { PrincipalName } from "./principals.ts";

// What routes have in common: who gets which answer from those of a kind.

/** What each principal gets; `ok`: it is let through, whatever is then answered. */
export type Answers = Readonly<Partial<Record<"ok" | 401 | 403 | 404, readonly PrincipalName[]>>>;

export const FORGED = [
  ...["forged token", "mistyped key", "revoked key", "expired key"],
  ...["revoked pass", "expired pass", "invitation token"],
] as readonly PrincipalName[];
export const NOBODY: readonly PrincipalName[] = ["anonymous", "ended session"];
const FOREIGN: readonly PrincipalName[] = [
  ...(["former member", "stranger", "other owner"] as const),
  ...(["other's key", "other's pass", "other event's token"] as const),
];
const HOLDERS: readonly PrincipalName[] = [
  ...(["reservation token", "reservation view token"] as const),
  ...(["transferred reservation's token", "other reservation's token"] as const),
];
export const USERS: readonly PrincipalName[] = [
  ...(["owner", "manager", "viewer", "door"] as const),
  ...(["former member", "stranger", "other owner"] as const),
];
const KEYS: readonly PrincipalName[] = ["key read", "key write", "key door", "key feed"];
export const OTHER_TOKENS: readonly PrincipalName[] = [
  ...(["other's key", "door pass", "other's pass", "other event's token"] as const),
  ...HOLDERS,
];

/** Nothing is read, so everybody gets the same. */
export const ANYBODY: Answers = {
  ok: [...NOBODY, ...FORGED, "claimed event's token", ...USERS, ...KEYS, ...OTHER_TOKENS],
};
/** There for nobody, whoever they are. */
export const NOBODYS: Answers = { 404: ANYBODY.ok ?? [] };
/** For anybody, but credentials that are sent must be good. */
export const ANYBODY_IDENTIFIED: Answers = {
  401: FORGED,
  ok: [...NOBODY, "claimed event's token", ...USERS, ...KEYS, ...OTHER_TOKENS],
};
export const PUBLISHED_EVENT: Answers = {
  401: [...FORGED, "claimed event's token"],
  ok: [...NOBODY, ...USERS, ...KEYS, ...OTHER_TOKENS],
};
export const LOGGED_IN: Answers = {
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
export const EVENT_WRITE = onEvent(
  ["owner", "manager", "key write"],
  ["viewer", "door", "key read", "key door", "key feed", "door pass"],
);
export const EVENT_READ = onEvent(
  ["owner", "manager", "viewer", "door", "key read", "key write", "key door"],
  ["key feed", "door pass"],
);
export const ATTENDEES_READ = onEvent(
  ["owner", "manager", "viewer", "key read"],
  ["door", "key write", "key door", "key feed", "door pass"],
);
export const AT_THE_DOOR = onEvent(
  ["owner", "manager", "door", "key door", "door pass"],
  ["viewer", "key read", "key write", "key feed"],
);
export const EVENT_AUDIT = onEvent(["owner"], ["manager", "viewer", "door", ...KEYS, "door pass"]);
export const DRAFT: Answers = {
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
export const RESERVATION_READ = onReservation(
  [
    ...(["owner", "manager", "viewer", "key read"] as const),
    ...(["reservation token", "reservation view token"] as const),
  ],
  ["door", "key write", "key door", "key feed", "door pass"],
  [],
);
/** What lets in: for who holds it, whoever else may look. */
export const TICKET_CODE = onReservation(
  ["reservation token"],
  [
    ...(["owner", "manager", "viewer", "key read", "reservation view token"] as const),
    ...(["door", "key write", "key door", "key feed", "door pass"] as const),
  ],
  [],
);
export const RESERVATION_WRITE = onReservation(
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
export const ORGANIZER_READ = onOrganizer(
  ["owner", "manager", "viewer", "door", "key read", "key write"],
  ["key door", "key feed"],
);
export const ORGANIZER_EVENTS = onOrganizer(
  ["owner", "manager", "key write"],
  ["viewer", "door", "key read", "key door", "key feed"],
);
export const MEMBERS_READ = onOrganizer(["owner", "manager", "viewer"], ["door", ...KEYS]);
export const OWNER = onOrganizer(["owner"], ["manager", "viewer", "door", ...KEYS]);
/** Only a member can leave: a key is none. */
export const MEMBERS = onOrganizer(
  ["owner", "manager", "viewer", "door"],
  ["key door", "key feed"],
  ["key read", "key write"],
);
export const PASS_ALONE: Answers = {
  ok: ["door pass", "other's pass"],
  401: [...NOBODY, ...FORGED],
  404: [
    ...USERS,
    ...KEYS,
    ...(["other's key", "other event's token", "claimed event's token"] as const),
    ...HOLDERS,
  ],
};

/** On an event that no organizer has, with the token that is another's everywhere else. */
export const ANONYMOUS_EVENT: Answers = {
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

/** The same where passes are for. */
export const ANONYMOUS_DOOR: Answers = {
  ...ANONYMOUS_EVENT,
  ok: ["other event's token", "other's pass"],
  403: [],
};
