import assert from "node:assert/strict";
import { test } from "node:test";
import type { Permission } from "#platform/http/access.ts";
import type { Principal } from "#platform/http/authentication.ts";
import type { Id } from "#platform/id.ts";
import { reachOf } from "./reach-of.ts";
import { grantOfRole, grantOfScopes } from "./roles.ts";

const [museum, theatre] = ["museum", "theatre"] as unknown as [Id<"org">, Id<"org">];
const eventId = "night" as Id<"evt">;

const MANAGER_AND_DOOR: Principal = {
  kind: "user",
  userId: "user" as Id<"usr">,
  sessionId: "session" as Id<"ses">,
  organizers: new Map([
    [museum, grantOfRole("manager")],
    [theatre, grantOfRole("door")],
  ]),
};
const KEY: Principal = {
  kind: "key",
  keyId: "key" as Id<"key">,
  organizerId: museum,
  grant: grantOfScopes(["read"]),
};
const EVENT: Principal = { kind: "event", eventId, generation: 0 };
const DOOR_PASS: Principal = {
  kind: "door_pass",
  passId: "pass" as Id<"dps">,
  eventId,
  gate: "north",
};
const HOLDER: Principal = {
  kind: "reservation",
  reservationId: "reservation" as Id<"rsv">,
  generation: 0,
  may: "manage",
};

const NOTHING = { organizers: [], events: [] };
const THE_EVENT = { organizers: [], events: [eventId] };

for (const [who, principal, need, reach] of [
  [
    "a manager here and at the door there",
    MANAGER_AND_DOOR,
    "event:write",
    { organizers: [museum], events: [] },
  ],
  [
    "a manager here and at the door there",
    MANAGER_AND_DOOR,
    "event:read",
    { organizers: [museum, theatre], events: [] },
  ],
  ["a manager here and at the door there", MANAGER_AND_DOOR, "member:write", NOTHING],
  ["a key for reading", KEY, "event:read", { organizers: [museum], events: [] }],
  ["a key for reading", KEY, "event:write", NOTHING],
  ["an event's token", EVENT, "event:write", THE_EVENT],
  ["an event's token", EVENT, "member:read", NOTHING],
  ["a door pass", DOOR_PASS, "door", THE_EVENT],
  ["a door pass", DOOR_PASS, "reservation:read", NOTHING],
  ["a holder", HOLDER, "reservation:read", NOTHING],
  ["nobody", { kind: "anonymous" }, "event:read", NOTHING],
] as const satisfies readonly (readonly [string, Principal, Permission, object])[]) {
  const names = [...reach.organizers, ...reach.events].join(" and ") || "nothing";
  test(`${who} reaches ${names} for ${need}`, () => {
    assert.deepEqual(reachOf({ principal, needs: [need] }), reach);
  });
}
