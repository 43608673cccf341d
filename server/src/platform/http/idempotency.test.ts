import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import { testDatabase } from "#test/database.ts";
import { systemClock, TestClock } from "../clock.ts";
import type { Database, Transaction } from "../database/database.ts";
import { newId } from "../id.ts";
import {
  ANSWERS_KEPT_HOURS,
  answerOnce,
  forgetOldAnswers,
  idempotencyKeyOf,
  type WorkToAnswer,
} from "./idempotency.ts";
import { invalidField, Problem, problemType } from "./problem.ts";
import type { HttpServer } from "./server.ts";
import { aServer, testTokens } from "./testing.ts";

const PUBLIC = { config: { requires: [] as const } };
const soldOutForTests = problemType({ code: "gone_for_tests", status: 409, title: "Gone" });

/** A server whose POST does the work; how often it did, and a way to ask it. */
async function aWorkingServer<Body, Sealed>(
  t: TestContext,
  work: WorkToAnswer<Body, Sealed>,
  clock = new TestClock(),
) {
  const database = await testDatabase(t);
  let runs = 0;
  const counted: WorkToAnswer<Body, Sealed> = {
    ...work,
    work: (transaction) => {
      runs++;
      return work.work(transaction);
    },
  };
  const routes = (server: HttpServer) => {
    server.post("/things", PUBLIC, (request, reply) =>
      answerOnce({ database, clock }, request, reply, counted),
    );
    server.post("/others", PUBLIC, (request, reply) =>
      answerOnce({ database, clock }, request, reply, counted),
    );
  };
  const { server } = await aServer(t, { routes });
  const post = (
    key: string | undefined,
    {
      payload = {},
      url = "/things",
      token,
    }: { payload?: object; url?: string; token?: string } = {},
  ) =>
    server.inject({
      method: "POST",
      url,
      payload,
      headers: {
        ...(key === undefined ? {} : { "idempotency-key": key }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
  return { database, clock, post, runs: () => runs };
}

/** Leaves a mark that a rolled back transaction does not leave. */
async function mark(transaction: Transaction): Promise<void> {
  await sql`
    insert into platform.idempotency (key, fingerprint, at, status)
    values (${randomUUID()}, ${MARK}, clock_timestamp(), 299)
  `.execute(transaction);
}
const MARK = "00000000-0000-7000-8000-000000000000";

async function marksIn(database: Database): Promise<number> {
  const { rows } = await sql`
    select 1 from platform.idempotency where fingerprint = ${MARK}
  `.execute(database.kysely);
  return rows.length;
}

const created = {
  work: async (transaction: Transaction) => {
    await mark(transaction);
    return { status: 201, body: { id: randomUUID() } };
  },
};

test("a repeat gets the first answer, status and body, and nothing is done twice", async (t) => {
  const { post, runs, database } = await aWorkingServer(t, created);
  const first = await post("k");
  const again = await post("k");
  assert.equal(first.statusCode, 201);
  assert.equal(first.headers["idempotent-replayed"], undefined);
  assert.equal(again.statusCode, 201);
  assert.equal(again.headers["idempotent-replayed"], "true");
  assert.deepEqual(again.json(), first.json());
  assert.equal(runs(), 1);
  assert.equal(await marksIn(database), 1);
});

test("without a key, or under another, it is another request", async (t) => {
  const { post, runs } = await aWorkingServer(t, created);
  await post(undefined);
  await post(undefined);
  await post("a");
  await post("b");
  assert.equal(runs(), 4);
});

test("repeats at the same moment wait for the first and get its answer", async (t) => {
  const { post, runs } = await aWorkingServer(t, created);
  const answers = await Promise.all(Array.from({ length: 8 }, () => post("k")));
  assert.equal(runs(), 1);
  assert.equal(new Set(answers.map(({ body }) => body)).size, 1);
  const replayed = answers.filter(({ headers }) => headers["idempotent-replayed"] === "true");
  assert.equal(replayed.length, 7);
});

test("repeats of different processes wait for each other in the database", async (t) => {
  const first = await aWorkingServer(t, created);
  const { server: second } = await aServer(t, {
    routes: (to) =>
      to.post("/things", PUBLIC, (request, reply) =>
        // Another process has another Database object for the same database.
        answerOnce({ ...first, database: { ...first.database } }, request, reply, created),
      ),
  });
  const headers = { "idempotency-key": "k" };
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, index) =>
      index % 2 === 0
        ? first.post("k")
        : second.inject({ method: "POST", url: "/things", payload: {}, headers }),
    ),
  );
  assert.deepEqual(new Set(answers.map(({ statusCode }) => statusCode)), new Set([201]));
  assert.equal(new Set(answers.map(({ body }) => body)).size, 1);
  assert.equal(await marksIn(first.database), 1);
});

test("many repeats leave connections for the first to finish with", async (t) => {
  const { post, database } = await aWorkingServer(t, {
    work: async () => {
      // On the embedded database nothing else can run inside a transaction.
      if (!database.embedded) await sql`select 1`.execute(database.kysely);
      return { status: 200, body: {} };
    },
  });
  const answers = await Promise.all(Array.from({ length: 30 }, () => post("k")));
  assert.deepEqual(new Set(answers.map(({ statusCode }) => statusCode)), new Set([200]));
});

test("a key that comes with another body or path is refused", async (t) => {
  const { post, runs } = await aWorkingServer(t, created);
  await post("k", { payload: { a: 1 } });
  for (const other of [{ payload: { a: 2 } }, { payload: { a: 1 }, url: "/others" }]) {
    const answer = await post("k", other);
    assert.equal(answer.statusCode, 422);
    assert.equal(answer.json().code, "idempotency_key_reused");
    assert.equal(answer.headers["idempotent-replayed"], undefined);
  }
  assert.equal((await post("k", { payload: { a: 1 }, url: "/things?x=1" })).statusCode, 201);
  assert.equal(runs(), 1);
});

test("two callers never share a key", async (t) => {
  const { post, runs } = await aWorkingServer(t, created);
  const token = () =>
    testTokens.issue({ kind: "event", id: newId<"evt">(systemClock), generation: 0 });
  const [mine, yours] = [token(), token()];
  for (const caller of [{}, { token: mine }, { token: yours }]) await post("k", caller);
  assert.equal(runs(), 3);
  const again = await post("k", { token: mine });
  assert.equal(again.headers["idempotent-replayed"], "true");
});

test("a refusal by the state of things is the answer, its work undone, and stays it", async (t) => {
  const { post, runs, database } = await aWorkingServer(t, {
    work: async (transaction) => {
      await mark(transaction);
      throw new Problem(soldOutForTests, "None left.", { reasons: [{ code: "x", message: "y" }] });
    },
  });
  const first = await post("k");
  const again = await post("k");
  assert.equal(first.statusCode, 409);
  assert.equal(again.statusCode, 409);
  assert.equal(again.headers["idempotent-replayed"], "true");
  const { instance: _first, ...said } = first.json();
  const { instance: _again, ...saidAgain } = again.json();
  assert.deepEqual(saidAgain, said);
  assert.equal(runs(), 1);
  assert.equal(await marksIn(database), 0);
});

test("what is wrong with the request, or breaks, stores nothing: the key is free again", async (t) => {
  const failures = [new Problem(invalidField, "Wrong."), new Error("broken")];
  const { post, runs, database } = await aWorkingServer(t, {
    work: async (transaction) => {
      await mark(transaction);
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      return { status: 200, body: {} };
    },
  });
  assert.equal((await post("k")).statusCode, 422);
  assert.equal((await post("k")).statusCode, 500);
  assert.equal((await post("k")).statusCode, 200);
  assert.equal(runs(), 3);
  assert.equal(await marksIn(database), 1);
});

test("a statement that failed inside the work does not keep its refusal from being stored", async (t) => {
  const { post, runs } = await aWorkingServer(t, {
    work: async (transaction) => {
      try {
        await sql`insert into platform.idempotency (key) values (null)`.execute(transaction);
      } catch {
        throw new Problem(soldOutForTests, "None left.");
      }
      return { status: 200, body: {} };
    },
  });
  assert.equal((await post("k")).statusCode, 409);
  assert.equal((await post("k")).headers["idempotent-replayed"], "true");
  assert.equal(runs(), 1);
});

test("secrets are not stored, and are in the repeat all the same", async (t) => {
  const { post, database } = await aWorkingServer(t, {
    work: async () => ({ status: 201, body: { id: 7, token: "hush" } }),
    seal: ({ id }) => ({ id }),
    unseal: ({ id }) => ({ id, token: "hush" }),
  });
  const first = await post("k");
  assert.deepEqual((await post("k")).json(), first.json());
  const { rows } = await sql<{ answer: unknown }>`
    select answer from platform.idempotency
  `.execute(database.kysely);
  assert.deepEqual(rows, [{ answer: { id: 7 } }]);
});

test("an answer without a body is repeated without one", async (t) => {
  const { post } = await aWorkingServer(t, {
    work: async () => ({ status: 204, body: undefined }),
  });
  for (const replayed of [undefined, "true"]) {
    const answer = await post("k");
    assert.equal(answer.statusCode, 204);
    assert.equal(answer.body, "");
    assert.equal(answer.headers["idempotent-replayed"], replayed);
  }
});

test("answers are kept for their time, then forgotten", async (t) => {
  const { post, clock, database, runs } = await aWorkingServer(t, {
    work: async () => ({ status: 200, body: {} }),
  });
  await post("k");
  clock.advance(ANSWERS_KEPT_HOURS * 3_600_000 - 60_000);
  assert.equal(await forgetOldAnswers(database, clock), 0);
  clock.advance(120_000);
  assert.equal(await forgetOldAnswers(database, clock), 1);
  await post("k");
  assert.equal(runs(), 2);
});

test("a key is 1 to 255 printable ASCII characters, sent once; none is none", () => {
  const keyOf = (rawHeaders: string[], key: string | undefined) =>
    idempotencyKeyOf(
      Object.assign(
        Object.create({ method: "POST", url: "/x" }) as { method: string; url: string },
        {
          headers: { "idempotency-key": key },
          raw: { rawHeaders },
        },
      ),
    );
  assert.equal(keyOf([], undefined), null);
  for (const key of ["", "x".repeat(256), "é", "a\tb", "\u007f"]) {
    assert.throws(() => keyOf(["Idempotency-Key", key], key), Problem, JSON.stringify(key));
  }
  assert.throws(() => keyOf(["Idempotency-Key", "a", "idempotency-key", "b"], "a, b"), /sent once/);
});
