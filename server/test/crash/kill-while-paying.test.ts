import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import { createProviders } from "#modules/payments/testing.ts";
import type { TestClock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { openDatabase } from "#platform/database/open.ts";
import { parseId } from "#platform/id.ts";
import { type App, createApp } from "#src/app.ts";
import { readConfig } from "#src/config.ts";
import { testLog } from "#test/logs.ts";
import { mustBeSettled } from "#test/payments/everything-settled.ts";
import { type Random, seededRandom } from "#test/seeded-random.ts";
import { post } from "./post.ts";
import { type ServerProcess, startServer } from "./server-process.ts";
import { storage } from "./storage.ts";

/** Starting on the embedded database takes seconds of the processor. */
const KILLS = process.env["TEST_DATABASE"] === "postgres" ? 10 : 2;
const CLIENTS = 6;
/** The server is killed after so many answers of a round. */
const ANSWERS_MIN = 10;
const ANSWERS_MAX = 40;
/** Some are cancelled after so many others were paid for. */
const CANCELLED_AFTER = 2;

const SETTINGS = {
  TEST_CLOCK: "1",
  RATE_LIMITS: "off",
  ANONYMOUS_EVENTS: "on",
  SECRET_KEY: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
};

interface Event {
  readonly id: string;
  readonly slots: readonly { readonly id: string }[];
  readonly ticket_types: readonly { readonly id: string }[];
}

/** What a client wanted. What it was not answered it asks again, by the same key. */
interface Wish {
  readonly keys: { readonly hold: string; readonly pay: string; cancel: string };
  readonly request: object;
  readonly isCancelled: boolean;
  /** What is to be asked next: nothing once all was answered. */
  next: "hold" | "pay" | "cancel" | "nothing";
  held: { readonly id: string; readonly token: string } | null;
}

test("kill -9 while holders pay, again and again: who paid has tickets or the money back, and repeats charge nobody twice", async (t) => {
  const environment = { ...(await storage(t)), ...SETTINGS };
  const random = seededRandom(t);
  let server = await startServer(environment);
  t.after(() => server.kill());
  const event = await anEvent(server);
  const wishes: Wish[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const enough = Promise.withResolvers<void>();
    let left = ANSWERS_MIN + random(ANSWERS_MAX - ANSWERS_MIN);
    const onAnswer = () => {
      left--;
      if (left === 0) enough.resolve();
    };
    const unanswered = wishes.filter(({ next }) => next !== "nothing");
    const clients = Array.from({ length: CLIENTS }, (_, client) => {
      const again = unanswered.filter((_, index) => index % CLIENTS === client);
      return askUntilGone(server, { event, wishes, again, random, onAnswer });
    });
    await Promise.race([enough.promise, Promise.all(clients)]);
    await server.kill();
    await Promise.all(clients);
    server = await startServer(environment);
  }
  for (const wish of wishes) {
    while (isUnpaid(wish)) await ask(server, wish);
  }
  assert.equal(await server.stop(), 0);
  const states = await settleAndCheck(t, environment, { event, wishes });
  t.diagnostic(JSON.stringify(states));
  assert.ok(states.confirmed > 0 && states.cancelled > 0);
  assert.equal(states.paidTwice, 0);
});

const isUnpaid = ({ next }: Wish) => next === "hold" || next === "pay";

function anEvent(server: ServerProcess): Promise<Event> {
  return post<Event>(server, "/v1/events", {
    name: "Night",
    time_zone: "UTC",
    currency: "EUR",
    publish: true,
    slots: [{ starts_at: "2090-06-15T19:00", ends_at: "2090-06-15T20:00", capacity: 10_000 }],
    ticket_types: [{ name: "Adult", price: { amount_minor: 2000, currency: "EUR" } }],
  });
}

interface Asking {
  readonly event: Event;
  readonly wishes: Wish[];
  readonly again: readonly Wish[];
  readonly random: Random;
  readonly onAnswer: () => void;
}

/** Asks again what was not answered, then wishes for more, until the server does not answer any more. */
async function askUntilGone(server: ServerProcess, asking: Asking): Promise<unknown> {
  const { event, wishes, again, random, onAnswer } = asking;
  const [slot] = event.slots;
  const [type] = event.ticket_types;
  const waiting = [...again];
  const mine: Wish[] = [];
  try {
    for (;;) {
      const wish = waiting.shift() ?? {
        keys: { hold: randomUUID(), pay: randomUUID(), cancel: randomUUID() },
        request: {
          lines: [{ slot_id: slot?.id, ticket_type_id: type?.id, quantity: 1 + random(2) }],
        },
        isCancelled: random(2) === 0,
        next: "hold" as const,
        held: null,
      };
      if (!wishes.includes(wish)) wishes.push(wish);
      mine.push(wish);
      while (isUnpaid(wish)) {
        await ask(server, wish);
        onAnswer();
      }
      // Of what was paid for a while ago, when it is likely to be confirmed.
      const earlier = mine.at(-CANCELLED_AFTER);
      if (earlier?.next === "cancel") await ask(server, earlier);
    }
  } catch (error) {
    return error;
  }
}

/** Asks what is next. To cancel is refused before it is confirmed: it is asked again later. */
async function ask(server: ServerProcess, wish: Wish): Promise<void> {
  const { keys, request, held, next, isCancelled } = wish;
  if (next === "hold" || held === null) {
    wish.held = await post(server, "/v1/reservations", request, { key: keys.hold });
    wish.next = "pay";
    return;
  }
  const { id, token } = held;
  if (next === "pay") {
    const body = { provider: "test", method_token: "ok" };
    await post(server, `/v1/reservations/${id}/payments`, body, { key: keys.pay, token });
    wish.next = isCancelled ? "cancel" : "nothing";
    return;
  }
  try {
    await post(server, `/v1/reservations/${id}/cancel`, undefined, { key: keys.cancel, token });
    wish.next = "nothing";
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("409"))) throw error;
    // Its payment is under way: another time, as another request.
    keys.cancel = randomUUID();
  }
}

/** Goes on in this process, where nobody has to wait, until all is over. */
async function settleAndCheck(
  t: TestContext,
  environment: Readonly<Record<string, string>>,
  { event, wishes }: Pick<Asking, "event" | "wishes">,
) {
  const config = readConfig(environment);
  const database = await openDatabase(config, testLog);
  const app = await createApp(config, { role: "all", database, log: testLog });
  t.after(() => app.close());
  await settle(app);
  for (const wish of wishes) if (wish.next === "cancel") await cancelNow(app, wish);
  await settle(app);
  const metrics = await app.server.inject({ url: "/metrics" });
  assert.match(metrics.body, /^tessera_payments_without_outcome 0$/m);
  const clock = app.clock as TestClock;
  const { secretKeys } = config;
  const payments = { stripe: null, isTest: true };
  const { byName: providers } = createProviders({ clock, database, secretKeys, payments });
  const eventId = parseId("evt", event.id);
  assert.ok(eventId !== null);
  const accounts = await mustBeSettled({ database, clock, providers }, [{ eventId }]);
  const count = (state: string) => accounts.filter((account) => account.state === state).length;
  return {
    confirmed: count("confirmed"),
    cancelled: count("cancelled"),
    expired: count("expired"),
    paidTwice: accounts.filter(({ outcomes }) => outcomes.length > 1).length,
  };
}

/** What could not be cancelled yet, because it was not confirmed. Another request: the old one may have its refusal. */
async function cancelNow({ server }: App, { held }: Wish): Promise<void> {
  const answer = await server.inject({
    method: "POST",
    url: `/v1/reservations/${held?.id}/cancel`,
    headers: { authorization: `Bearer ${held?.token}`, "idempotency-key": randomUUID() },
  });
  assert.equal(answer.statusCode, 200, answer.body);
}

const LOOKS = 3;

async function settle({ clock, database, tasks }: App): Promise<void> {
  const names = [
    "jobs.work",
    "payments.test-webhooks",
    "payments.reconcile",
    "reservations.expire",
  ];
  for (let look = 0; look < LOOKS; look++) {
    await endAttempts(database);
    for (const name of names) await tasks.get(name)?.runNow();
    (clock as TestClock).advance(7_200_000);
  }
  for (const name of names) await tasks.get(name)?.runNow();
}

/** What killed workers had taken is had back when a minute has passed; the queue's time is the database's own. */
async function endAttempts({ kysely }: Database): Promise<void> {
  await sql`
    update pgboss.job_common
       set started_on = started_on - interval '61 seconds', start_after = start_after - interval '1 hour',
           retry_delay = 0, retry_backoff = false
     where state < 'completed'
  `.execute(kysely);
}
