import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import type { Bus } from "#platform/bus/bus.ts";
import { createLocalBus } from "#platform/bus/local.ts";
import { inTransaction } from "#platform/database/database.ts";
import { sharedOrganizers, someOrganizers, type TestOrganizers, type TestUser } from "./testing.ts";

const given = sharedOrganizers();

async function aTeam({ aUser, anOrganizer, join }: TestOrganizers) {
  const [owner, helper] = [await aUser(), await aUser()];
  const id = await anOrganizer(owner);
  await join(id, owner, helper, "door");
  return { owner, helper, path: `/organizers/${id}` };
}

const roleOf = async (user: TestUser, path: string) => {
  const { status, body } = await user.ask(`GET ${path}`);
  return status === 200 ? body.role : status;
};

test("the owner gives members other roles and takes them out, at once", async () => {
  const { owner, helper, path } = await aTeam(given());
  const changed = await owner.ask(`PATCH ${path}/members/${helper.id}`, { role: "viewer" });
  assert.deepEqual([changed.status, changed.body.role], [200, "viewer"]);
  assert.equal(await roleOf(helper, path), "viewer");
  assert.equal((await owner.ask(`DELETE ${path}/members/${helper.id}`)).status, 204);
  assert.equal(await roleOf(helper, path), 404);
  const gone = await owner.ask(`DELETE ${path}/members/${helper.id}`);
  assert.deepEqual([gone.status, gone.body.code], [404, "not_found"]);
});

test("nobody becomes owner by a change of role, and the owner is neither changed nor removed", async () => {
  const { owner, helper, path } = await aTeam(given());
  const promoted = await owner.ask(`PATCH ${path}/members/${helper.id}`, { role: "owner" });
  assert.equal(promoted.status, 422);
  for (const refused of [
    await owner.ask(`PATCH ${path}/members/${owner.id}`, { role: "viewer" }),
    await owner.ask(`DELETE ${path}/members/${owner.id}`),
    await owner.ask(`POST ${path}/leave`),
  ]) {
    assert.deepEqual([refused.status, refused.body.code], [409, "owner_stays"]);
  }
  assert.equal(await roleOf(owner, path), "owner");
});

test("an organizer is handed over to a member, and whoever owned it is a manager then", async () => {
  const { owner, helper, path } = await aTeam(given());
  const stranger = await given().aUser();
  const refused = await owner.ask(`POST ${path}/transfer`, { user_id: stranger.id });
  assert.deepEqual([refused.status, refused.body.code], [404, "not_found"]);
  const handed = await owner.ask(`POST ${path}/transfer`, { user_id: helper.id });
  assert.deepEqual([handed.status, handed.body.role], [200, "owner"]);
  assert.deepEqual([await roleOf(owner, path), await roleOf(helper, path)], ["manager", "owner"]);
  assert.equal((await owner.ask(`POST ${path}/leave`)).status, 204);
  assert.equal(await roleOf(owner, path), 404);
});

test("of two transfers at once one owner comes out", async () => {
  const { aUser, join, database } = given();
  const { owner, helper, path } = await aTeam(given());
  const third = await aUser();
  await join(path.split("/")[2] ?? "", owner, third, "viewer");
  const answers = await Promise.all(
    [helper, third].map(({ id }) => owner.ask(`POST ${path}/transfer`, { user_id: id })),
  );
  assert.ok(answers.every(({ status }) => status === 200 || status === 403));
  const { rows } = await sql`
    select 1 from organizers.organizer o
      join organizers.member m on m.organizer_id = o.organizer_id and m.role = 'owner'
     where o.owner_id in (${helper.userId}, ${third.userId}) and m.user_id = o.owner_id
  `.execute(database.kysely);
  assert.equal(rows.length, 1);
});

test("the database itself keeps an organizer from having no owner, or two", async () => {
  const { database } = given();
  const { owner, helper } = await aTeam(given());
  const run = (statement: ReturnType<typeof sql>) =>
    inTransaction(database, (transaction) => statement.execute(transaction));
  await assert.rejects(
    run(sql`delete from organizers.member where user_id = ${owner.userId}`),
    /organizer_has_an_owner/,
  );
  await assert.rejects(
    run(sql`update organizers.member set role = 'viewer' where user_id = ${owner.userId}`),
    /organizer_has_an_owner/,
  );
  await assert.rejects(
    run(sql`update organizers.member set role = 'owner' where user_id = ${helper.userId}`),
    /member_one_owner/,
  );
});

test("a removed member may do nothing in other processes as soon as the bus tells, or seconds later", async (t) => {
  const listeners: ((payload: string) => void)[] = [];
  const bus: Bus = {
    publish: (_channel, payload) => {
      for (const tell of listeners) tell(payload);
      return Promise.resolve();
    },
    subscribe: (_channel, onMessage) => {
      listeners.push(onMessage);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  const all = await someOrganizers(t, bus);
  const told = await all.another(bus);
  const deaf = await all.another(createLocalBus());
  const { owner, helper, path } = await aTeam(all);
  const organizersSeenBy = async ({ identities }: typeof told) =>
    (await identities.bySession(`user=${helper.userId}`))?.organizers.size;
  assert.deepEqual([await organizersSeenBy(told), await organizersSeenBy(deaf)], [1, 1]);
  assert.equal((await owner.ask(`DELETE ${path}/members/${helper.id}`)).status, 204);
  assert.deepEqual([await organizersSeenBy(told), await organizersSeenBy(deaf)], [0, 1]);
  all.clock.advance(5_000);
  assert.equal(await organizersSeenBy(deaf), 0);
});
