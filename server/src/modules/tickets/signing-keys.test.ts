import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import type { EventFacts } from "#modules/catalog/index.ts";
import { createLocalBus } from "#platform/bus/local.ts";
import { TestClock } from "#platform/clock.ts";
import { type Database, inTransaction } from "#platform/database/database.ts";
import { Problem } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import { testDatabase } from "#test/database.ts";
import { rotateTicketKeys } from "./rotate-ticket-keys.ts";
import { GOOD_KEYS_MAX, type KeyOwner } from "./signing-key.ts";
import { publicKeysOf } from "./signing-key-store.ts";
import { createSigningKeys, SIGNER_AGE_MS_MAX } from "./signing-keys.ts";

const SECRET = Buffer.alloc(32, "one");
const OTHER_SECRET = Buffer.alloc(32, "other");

/** Processes over one database that hear nothing of each other. */
async function processes(t: TestContext) {
  const database = await testDatabase(t);
  const clock = new TestClock();
  const aProcess = (secretKeys: readonly Buffer[] = [SECRET]) =>
    createSigningKeys({ database, clock, bus: createLocalBus(), secretKeys });
  return { database, clock, aProcess };
}

function anOwner(): { owner: KeyOwner; event: EventFacts } {
  const organizerId = randomUUID() as Id<"org">;
  const eventId = randomUUID() as Id<"evt">;
  return {
    owner: { kind: "organizer", id: organizerId },
    event: { organizerId, eventId } as unknown as EventFacts,
  };
}

async function rotate(
  database: Database,
  context: Parameters<typeof rotateTicketKeys>[0],
  event: EventFacts,
  revoke = false,
) {
  await inTransaction(database, (transaction) =>
    rotateTicketKeys(context, transaction, event, { revoke }),
  );
}

test("the first key is made once, however many ask for it in however many processes", async (t) => {
  const { database, aProcess } = await processes(t);
  const { owner, event } = anOwner();
  const some = await Promise.all([aProcess(), aProcess(), aProcess()]);
  const signers = await Promise.all(
    Array.from({ length: 12 }, (_, index) => some[index % some.length]?.signerOf(owner)),
  );
  assert.deepEqual(new Set(signers.map((signer) => signer?.number)), new Set([1]));
  const keys = await publicKeysOf(database.kysely, event);
  assert.deepEqual(
    keys.map(({ number, retiredAt }) => [number, retiredAt]),
    [[1, null]],
  );
});

test("an anonymous event's keys have numbers of their own", async (t) => {
  const { aProcess } = await processes(t);
  const keys = await aProcess();
  const { number } = await keys.signerOf({ kind: "event", id: randomUUID() as Id<"evt"> });
  assert.equal(number, 32_769);
});

test("no private key is stored in clear, and another server cannot open it", async (t) => {
  const { database, aProcess } = await processes(t);
  const keys = await aProcess();
  const { owner } = anOwner();
  const { privateKey } = await keys.signerOf(owner);
  const { rows } = await sql<{ row: string }>`
    select signing_key::text as row from tickets.signing_key
  `.execute(database.kysely);
  const seed = Buffer.from(String(privateKey.export({ format: "jwk" }).d), "base64url");
  assert.equal(rows.length, 1);
  assert.ok(!rows[0]?.row.includes(seed.toString("hex")));
  assert.ok(!rows[0]?.row.includes(Buffer.from(seed.toString("base64url")).toString("hex")));
});

test("after the server's secret was rotated keys go on; once it is dropped another takes their place", async (t) => {
  const { database, aProcess } = await processes(t);
  const { owner, event } = anOwner();
  const before = await (await aProcess()).signerOf(owner);
  const rotated = await (await aProcess([OTHER_SECRET, SECRET])).signerOf(owner);
  assert.equal(rotated.number, before.number);
  const dropped = await (await aProcess([OTHER_SECRET])).signerOf(owner);
  assert.equal(dropped.number, before.number + 1);
  const keys = await publicKeysOf(database.kysely, event);
  assert.deepEqual(
    keys.map(({ number, retiredAt, revokedAt }) => [number, retiredAt !== null, revokedAt]),
    [
      [2, false, null],
      [1, true, null],
    ],
  );
});

test("processes that cannot open each other's keys do not make keys for ever", async (t) => {
  const { database, clock, aProcess } = await processes(t);
  const { owner, event } = anOwner();
  const both = [await aProcess([SECRET]), await aProcess([OTHER_SECRET])];
  let made = 0;
  const go = async () => {
    for (; made < 2 * GOOD_KEYS_MAX; made++) {
      await both[made % 2]?.signerOf(owner);
      clock.advance(SIGNER_AGE_MS_MAX);
    }
  };
  await assert.rejects(go(), /SECRET_KEY/);
  assert.equal((await publicKeysOf(database.kysely, event)).length, GOOD_KEYS_MAX);
});

test("rotations at the same time each make a key, one after the other", async (t) => {
  const { database, clock, aProcess } = await processes(t);
  const { owner, event } = anOwner();
  const keys = await aProcess();
  const context = { clock, sealing: keys.sealing };
  await Promise.all([1, 2, 3].map(() => rotate(database, context, event)));
  await keys.changed(owner);
  assert.equal((await keys.signerOf(owner)).number, 3);
  const all = await publicKeysOf(database.kysely, event);
  assert.deepEqual(all.map(({ number }) => number).toSorted(), [1, 2, 3]);
  assert.equal(all.filter(({ retiredAt }) => retiredAt === null).length, 1);
});

test("a process that was told nothing signs with the new key after some seconds", async (t) => {
  const { database, clock, aProcess } = await processes(t);
  const { owner, event } = anOwner();
  const [deaf, other] = [await aProcess(), await aProcess()];
  const first = await deaf.signerOf(owner);
  assert.equal(await deaf.signerOf(owner), first);
  await rotate(database, { clock, sealing: other.sealing }, event);
  assert.equal((await deaf.signerOf(owner)).number, 1);
  clock.advance(SIGNER_AGE_MS_MAX);
  assert.equal((await deaf.signerOf(owner)).number, 2);
});

test("keys that are good are bounded, and revoking makes room", async (t) => {
  const { database, clock, aProcess } = await processes(t);
  const { event } = anOwner();
  const context = { clock, sealing: (await aProcess()).sealing };
  for (let count = 0; count < GOOD_KEYS_MAX; count++) await rotate(database, context, event);
  await assert.rejects(
    rotate(database, context, event),
    (error) => error instanceof Problem && error.type.code === "too_many_credentials",
  );
  await rotate(database, context, event, true);
  await rotate(database, context, event, true);
  const keys = await publicKeysOf(database.kysely, event);
  assert.equal(keys.filter(({ revokedAt }) => revokedAt === null).length, 1);
  assert.equal(keys.length, 101);
  await sql`update tickets.signing_key set number = 32767 where retired_at is null`.execute(
    database.kysely,
  );
  await assert.rejects(
    rotate(database, context, event, true),
    (error) => error instanceof Problem && error.type.code === "too_many_credentials",
  );
});
