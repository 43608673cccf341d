import assert from "node:assert/strict";
import { test } from "node:test";
import type { Bus } from "#platform/bus/bus.ts";
import { createLocalBus } from "#platform/bus/local.ts";
import { someAccounts } from "./testing.ts";

/** What one tells, all hear at once. */
function aCommonBus(): Bus {
  const listeners: (() => void)[] = [];
  return {
    publish: () => {
      for (const tell of listeners) tell();
      return Promise.resolve();
    },
    subscribe: (_channel, onMessage) => {
      listeners.push(() => onMessage("ended"));
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

test("a session that ends opens nothing in other processes as soon as the bus tells, or seconds later without it", async (t) => {
  const bus = aCommonBus();
  const { another, aUser, clock } = await someAccounts(t, bus);
  const told = await another(bus);
  const deaf = await another(createLocalBus());
  const { browser } = await aUser("travelling");
  const cookies = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
  for (const { sessions } of [told, deaf]) {
    assert.ok(await sessions.read(cookies));
  }
  assert.equal((await browser.ask("DELETE /auth/sessions")).status, 204);
  assert.equal(await told.sessions.read(cookies), null);
  clock.advance(3_000);
  assert.equal(await deaf.sessions.read(cookies), null);
});

test("of two cookies of one name the first counts, for the session as for the engine", async (t) => {
  const { aUser } = await someAccounts(t);
  const { browser: first, password } = await aUser("first");
  const { browser: second } = await aUser("second");
  const cookie = [first, second]
    .map(({ cookies }) => [...cookies].map((pair) => pair.join("=")).join("; "))
    .join("; ");
  const me = await second.ask("GET /auth/me", undefined, { cookie });
  assert.equal(me.body.email, "first@example.org");
  const change = { current_password: password, new_password: "a quite new password" };
  assert.equal((await second.ask("POST /auth/change-password", change, { cookie })).status, 204);
  assert.equal((await first.ask("GET /auth/me")).status, 401, "it was the first one's password");
});
