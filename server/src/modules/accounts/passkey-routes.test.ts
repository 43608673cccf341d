import assert from "node:assert/strict";
import { test } from "node:test";
import { sharedAccounts } from "./testing.ts";
import { aPasskey } from "./testing-passkey.ts";

const setting = sharedAccounts();

test("a passkey is added, logs in without password or code, is renamed, and deleted", async () => {
  const { browser, aUser } = setting();
  const { browser: owner } = await aUser("keyed");
  const passkey = aPasskey();
  const { body: asked } = await owner.ask("POST /auth/passkeys/options");
  const response = passkey.register(asked.challenge);
  const added = await owner.ask("POST /auth/passkeys", { name: "Phone", response });
  assert.equal(added.status, 201, JSON.stringify(added.body));
  assert.match(added.body.id, /^psk_/);
  const { body: more } = await owner.ask("POST /auth/passkeys/options");
  const twice = { name: "Phone", response: passkey.register(more.challenge) };
  const known = await owner.ask("POST /auth/passkeys", twice);
  assert.deepEqual([known.status, known.body.code], [403, "passkey_refused"]);

  const device = browser();
  const { body: options } = await device.ask("POST /auth/login/passkey-options");
  const proof = passkey.authenticate(options.challenge);
  const entered = await device.ask("POST /auth/login/passkey", { response: proof });
  assert.deepEqual([entered.status, entered.body.user?.user_name], [200, "keyed"]);
  assert.equal((await device.ask("GET /auth/me")).status, 200);
  const replayed = await browser().ask("POST /auth/login/passkey", { response: proof });
  assert.deepEqual([replayed.status, replayed.body.code], [403, "passkey_refused"]);

  const path = `/auth/passkeys/${added.body.id}`;
  const { browser: stranger } = await aUser("keyless");
  assert.equal((await stranger.ask(`DELETE ${path}`)).status, 404);
  assert.equal((await stranger.ask(`PATCH ${path}`, { name: "Mine" })).status, 404);
  assert.equal((await owner.ask(`PATCH ${path}`, { name: "Old phone" })).body.name, "Old phone");
  assert.equal((await owner.ask("GET /auth/passkeys")).body.data[0]?.name, "Old phone");
  assert.equal((await owner.ask(`DELETE ${path}`)).status, 204);
  assert.equal((await owner.ask("GET /auth/passkeys")).body.data.length, 0);
  const late = browser();
  const { body: again } = await late.ask("POST /auth/login/passkey-options");
  const gone = await late.ask("POST /auth/login/passkey", {
    response: passkey.authenticate(again.challenge),
  });
  assert.deepEqual([gone.status, gone.body.code], [403, "passkey_refused"]);
});

test("a passkey whose device did not ask who holds it is refused, when added and when used", async () => {
  const { browser, aUser } = setting();
  const { browser: owner } = await aUser("careless");
  const passkey = aPasskey();
  const add = async (isVerified: boolean) => {
    const { body } = await owner.ask("POST /auth/passkeys/options");
    const response = passkey.register(body.challenge, { isVerified });
    return owner.ask("POST /auth/passkeys", { name: "Key", response });
  };
  assert.deepEqual([(await add(false)).status, (await add(true)).status], [403, 201]);
  const device = browser();
  const { body } = await device.ask("POST /auth/login/passkey-options");
  const response = passkey.authenticate(body.challenge, { isVerified: false });
  const refused = await device.ask("POST /auth/login/passkey", { response });
  assert.deepEqual([refused.status, refused.body.code], [403, "passkey_refused"]);
  assert.equal((await device.ask("GET /auth/me")).status, 401);
});

test("an answer to another question, of another site, or that is none, is refused", async () => {
  const { browser, aUser } = setting();
  const { browser: owner } = await aUser("phished");
  const passkey = aPasskey();
  const { body } = await owner.ask("POST /auth/passkeys/options");
  await owner.ask("POST /auth/passkeys", {
    name: "Key",
    response: passkey.register(body.challenge),
  });
  const nothing = { id: "x", rawId: "x", type: "public-key", response: {} };
  for (const answer of [
    () => passkey.authenticate("b3RoZXI"),
    (challenge: string) => passkey.authenticate(challenge, { origin: "https://evil.example" }),
    () => ({ ...nothing, id: passkey.id }),
    () => nothing,
  ]) {
    const device = browser();
    const { body: asked } = await device.ask("POST /auth/login/passkey-options");
    const response = answer(asked.challenge);
    const refused = await device.ask("POST /auth/login/passkey", { response });
    assert.deepEqual([refused.status, refused.body.code], [403, "passkey_refused"]);
  }
});
