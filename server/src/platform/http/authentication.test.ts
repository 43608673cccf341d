import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../clock.ts";
import { newId } from "../id.ts";
import { createCapabilityTokens } from "../tokens/capability.ts";
import { principalOf, scopeOf } from "./authentication.ts";
import { aServer, testTokens } from "./testing.ts";

const ID = newId<"evt">(systemClock);
const EVENT = testTokens.issue({ kind: "event", id: ID, generation: 3 });

async function ask(t: Parameters<typeof aServer>[0], authorization: string | string[] | undefined) {
  const { server } = await aServer(t, {
    routes: (to) =>
      to.get("/whoami", { config: { requires: [] } }, (request) => {
        assert.equal(principalOf(request), principalOf(request), "it is read once");
        return principalOf(request);
      }),
  });
  const headers = authorization === undefined ? {} : { authorization };
  return server.inject({ url: "/whoami", headers: headers as Record<string, string> });
}

test("who sends no credentials is anonymous", async (t) => {
  assert.deepEqual((await ask(t, undefined)).json(), { kind: "anonymous" });
});

test("a token says what it opens, of which generation", async (t) => {
  const manage = testTokens.issue({ kind: "manage", id: ID, generation: 0 });
  const view = testTokens.issue({ kind: "view", id: ID, generation: 9 });
  for (const spelled of [`Bearer ${EVENT}`, `bearer ${EVENT}`, `BEARER  ${EVENT} `]) {
    assert.deepEqual((await ask(t, spelled)).json(), { kind: "event", eventId: ID, generation: 3 });
  }
  const reservation = { kind: "reservation", reservationId: ID };
  assert.deepEqual((await ask(t, `Bearer ${manage}`)).json(), {
    ...reservation,
    generation: 0,
    may: "manage",
  });
  assert.deepEqual((await ask(t, `Bearer ${view}`)).json(), {
    ...reservation,
    generation: 9,
    may: "view",
  });
});

test("credentials that are not ours are 401, and the challenge says why", async (t) => {
  const forged = createCapabilityTokens([Buffer.alloc(32, "other")]);
  for (const authorization of [
    `Bearer ${forged.issue({ kind: "event", id: ID, generation: 3 })}`,
    `Bearer ${EVENT.slice(0, -1)}`,
    `Bearer ${EVENT}A`,
    `Bearer ${EVENT.toLowerCase()}`,
    "Bearer",
    "Bearer ",
    `Bearer ${EVENT} ${EVENT}`,
    `Bearer${EVENT}`,
    EVENT,
    "Basic YTpi",
    `Bearer ${testTokens.issue({ kind: "transfer", id: ID, generation: 0 })}`,
  ]) {
    const answer = await ask(t, authorization);
    assert.equal(answer.statusCode, 401, authorization);
    assert.equal(answer.json().code, "not_authenticated");
    assert.equal(answer.headers["www-authenticate"], 'Bearer error="invalid_token"');
  }
});

test("each caller has a scope of their own", () => {
  const reservationId = newId<"rsv">(systemClock);
  const scopes = [
    scopeOf({ kind: "anonymous" }),
    scopeOf({ kind: "event", eventId: ID, generation: 1 }),
    scopeOf({ kind: "event", eventId: newId(systemClock), generation: 1 }),
    scopeOf({ kind: "reservation", reservationId, generation: 1, may: "view" }),
  ];
  assert.equal(new Set(scopes).size, scopes.length);
  assert.equal(
    scopeOf({ kind: "event", eventId: ID, generation: 2 }),
    scopes[1],
    "a renewed token is the same caller",
  );
});
