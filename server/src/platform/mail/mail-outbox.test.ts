import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { testDatabase } from "#test/database.ts";
import { TestClock } from "../clock.ts";
import type { Database } from "../database/database.ts";
import { aLog } from "../http/testing.ts";
import { createMailOutbox } from "./mail-outbox.ts";
import { createKeptMails, type Mail, type MailTransport } from "./mail-transport.ts";

const KEYS = [Buffer.alloc(32, "mail")];
const MAIL: Mail = {
  to: "ada@example.org",
  subject: "Subject",
  text: "https://tickets.example.org/#secret",
  html: "",
};

function anOutbox(database: Database, transport: MailTransport | null, secretKeys = KEYS) {
  const clock = new TestClock();
  const { log, lines } = aLog();
  const outbox = createMailOutbox({ database, clock, secretKeys, transport, log });
  return { outbox, clock, lines };
}

async function waiting(database: Database): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from platform.mail`.execute(
    database.kysely,
  );
  return rows[0]?.n ?? -1;
}

test("a mail is sent once and then gone; while it waits nobody can read it in the table", async (t) => {
  const database = await testDatabase(t);
  const kept = createKeptMails();
  const { outbox } = anOutbox(database, kept);
  await outbox.keep(database.kysely, MAIL);
  const { rows } = await sql<{ row: string }>`
    select encode(sealed, 'escape') as row from platform.mail
  `.execute(database.kysely);
  assert.doesNotMatch(rows[0]?.row ?? "", /secret|ada@/);
  await Promise.all([outbox.deliver(), outbox.deliver()]);
  assert.deepEqual(kept.sent, [MAIL]);
  assert.equal(await waiting(database), 0);
});

test("a mail of a transaction that is rolled back is never sent", async (t) => {
  const database = await testDatabase(t);
  const kept = createKeptMails();
  const { outbox } = anOutbox(database, kept);
  const failing = database.kysely.transaction().execute(async (transaction) => {
    await outbox.keep(transaction, MAIL);
    throw new Error("undone");
  });
  await assert.rejects(failing, /undone/);
  await outbox.deliver();
  assert.equal(kept.sent.length, 0);
});

test("a mail that could not be sent is tried again later, and the log does not say whose it is", async (t) => {
  const database = await testDatabase(t);
  const kept = createKeptMails();
  let isDown = true;
  const { outbox, clock, lines } = anOutbox(database, {
    send: (id, mail) =>
      isDown
        ? Promise.reject(Object.assign(new Error(`no ${mail.to}`), { code: "EENVELOPE" }))
        : kept.send(id, mail),
  });
  await outbox.keep(database.kysely, MAIL);
  await outbox.deliver();
  isDown = false;
  await outbox.deliver();
  assert.equal(kept.sent.length, 0, "not at once");
  clock.advance(31_000);
  await outbox.deliver();
  assert.deepEqual(kept.sent, [MAIL]);
  assert.match(JSON.stringify(lines), /EENVELOPE/);
  assert.doesNotMatch(JSON.stringify(lines), /ada@/);
});

test("without a mail server mails wait; with one they go, for three days", async (t) => {
  const database = await testDatabase(t);
  const nobody = anOutbox(database, null);
  await nobody.outbox.keep(database.kysely, MAIL);
  await nobody.outbox.deliver();
  assert.equal(await waiting(database), 1);
  const kept = createKeptMails();
  const { outbox, clock } = anOutbox(database, kept);
  await outbox.deliver();
  assert.equal(kept.sent.length, 1);
  await nobody.outbox.keep(database.kysely, MAIL);
  clock.advance(4 * 86_400_000);
  await outbox.deliver();
  assert.equal(kept.sent.length, 1, "its link is no good any more");
  assert.equal(await waiting(database), 0);
});

test("a mail that was sealed before the key was rotated is sent; one of a key that is gone is dropped", async (t) => {
  const database = await testDatabase(t);
  const kept = createKeptMails();
  const newer = Buffer.alloc(32, "newer");
  await anOutbox(database, null).outbox.keep(database.kysely, MAIL);
  await anOutbox(database, kept, [newer, ...KEYS]).outbox.deliver();
  assert.equal(kept.sent.length, 1);
  await anOutbox(database, null).outbox.keep(database.kysely, MAIL);
  const { outbox, lines } = anOutbox(database, kept, [newer]);
  await outbox.deliver();
  assert.deepEqual([kept.sent.length, await waiting(database), lines[0]?.level], [1, 0, "error"]);
});
