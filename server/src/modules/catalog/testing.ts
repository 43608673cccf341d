import assert from "node:assert/strict";
import { before, type TestContext } from "node:test";
import type { InjectOptions } from "fastify";
import { sql } from "kysely";
import { createAudit } from "#modules/organizers/testing.ts";
import { createLocalBus } from "#platform/bus/local.ts";
import { TestClock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { FieldError, Reason } from "#platform/http/problem.ts";
import { aServer, PUBLIC_URL, testTokens } from "#platform/http/testing.ts";
import { type Id, parseId } from "#platform/id.ts";
import type { Texts } from "#platform/text.ts";
import { testDatabase } from "#test/database.ts";
import { type Catalog, createCatalog } from "./catalog.ts";
import type { EventBody, EventSummaryBody, SlotBody, TicketTypeBody } from "./catalog-schemas.ts";
import type { EventState } from "./event.ts";
import type { PoolChange, SalesChange, SalesPort } from "./sales-port.ts";

/** Somebody who sells, in memory: takes pools over, and refuses what leaves too little of them. */
export interface TestSales extends SalesPort {
  /** What was told, in order. Not undone where a transaction is rolled back. */
  readonly changes: readonly SalesChange[];
  /** What was told after commits. */
  readonly committed: readonly (readonly [eventId: Id<"evt">, state: EventState])[];
  readonly pools: ReadonlyMap<string, PoolChange>;
  /** Sells places of a slot or a ticket type, by its id on the wire, or of a pool within a slot. */
  sell(id: string, places: number): void;
}

export function createTestSales(): TestSales {
  const changes: SalesChange[] = [];
  const committed: (readonly [Id<"evt">, EventState])[] = [];
  const pools = new Map<string, PoolChange>();
  const sold = new Map<string, number>();
  const soldOf = (poolId: string) => sold.get(poolId) ?? 0;
  return {
    changes,
    committed,
    pools,
    sell: (id, places) => {
      const poolId = parseId("slt", id) ?? parseId("tty", id) ?? id;
      sold.set(poolId, soldOf(poolId) + places);
    },
    change: (_transaction, change) => {
      changes.push(change);
      const wanted = [
        ...change.pools.map(({ poolId, capacity }) => ({ poolId, capacity })),
        ...change.closed.map((poolId) => ({ poolId, capacity: 0 })),
      ];
      const refusals = wanted
        .filter(({ poolId, capacity }) => soldOf(poolId) > capacity)
        .map(({ poolId, capacity }) => ({ poolId, capacity, held: 0, sold: soldOf(poolId) }));
      if (refusals.length === 0) {
        for (const pool of change.pools) pools.set(pool.poolId, pool);
        for (const poolId of change.closed) pools.delete(poolId);
      }
      return Promise.resolve(refusals);
    },
    changed: (eventId, state) => {
      committed.push([eventId, state]);
      return Promise.resolve();
    },
    availabilityOf: () =>
      Promise.resolve({
        version: [...sold].join(),
        pool: (poolId) => {
          const pool = pools.get(poolId);
          return pool && { capacity: pool.capacity, available: pool.capacity - soldOf(poolId) };
        },
      }),
  };
}

export interface Sent {
  readonly body?: unknown;
  /** Instead of a body: bytes as they are. */
  readonly raw?: string | Buffer;
  readonly token?: string;
  readonly key?: string;
  readonly language?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Every member that some answer has: a test reads those that its answer has. */
export type Answered = Omit<EventBody, "texts"> &
  Omit<SlotBody, "id" | "texts"> &
  Omit<TicketTypeBody, "id" | "name" | "description" | "texts"> & {
    readonly texts: { readonly name?: Texts; readonly note?: Texts | null };
    readonly event_token: string;
    readonly data: readonly (EventSummaryBody & SlotBody)[];
    readonly next_cursor: string | null;
    readonly code: string;
    readonly errors: readonly FieldError[];
    readonly reasons: readonly Reason[];
  };

export interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Answered;
  /** The body as it came. */
  readonly bytes: Buffer;
}

export interface TestCatalog {
  readonly database: Database;
  readonly clock: TestClock;
  readonly sales: TestSales;
  readonly catalog: Catalog;
  /** Asks as `GET /v1/events` says; the path is under `/v1`. */
  ask(request: string, sent?: Sent): Promise<Received>;
  /** Opens an event and gives its answer, which has its token. */
  open(more?: object): Promise<Answered>;
}

/** The catalogue over HTTP on a database of its own, without anything above it. */
export async function aCatalog(
  t: TestContext,
  {
    anonymousEvents = true,
    attendeeRetentionDays = null,
  }: { anonymousEvents?: boolean; attendeeRetentionDays?: number | null } = {},
): Promise<TestCatalog> {
  const database = await testDatabase(t);
  const clock = new TestClock();
  const sales = createTestSales();
  const catalog = await createCatalog({
    database,
    clock,
    sales,
    audit: createAudit(database, clock),
    bus: createLocalBus(),
    tokens: testTokens,
    publicUrl: PUBLIC_URL,
    anonymousEvents,
    attendeeRetentionDays,
  });
  const { server } = await aServer(t, {
    routes: (instance) => instance.register(catalog.routes, { prefix: "/v1" }),
  });
  const ask: TestCatalog["ask"] = async (request, sent = {}) => {
    const [method = "GET", path = ""] = request.split(" ");
    const response = await server.inject({
      method: method as NonNullable<InjectOptions["method"]>,
      url: `/v1${path}`,
      headers: headersOf(sent),
      ...(sent.body !== undefined && { payload: JSON.stringify(sent.body) }),
      ...(sent.raw !== undefined && { payload: sent.raw }),
    });
    const isJson = String(response.headers["content-type"]).includes("json");
    const text = isJson ? response.body : "{}";
    return {
      status: response.statusCode,
      headers: response.headers as Received["headers"],
      body: JSON.parse(text),
      bytes: response.rawPayload,
    };
  };
  const open = async (more: object = {}) => {
    const { status, body } = await ask("POST /events", { body: anEvent(more) });
    assert.equal(status, 201, JSON.stringify(body));
    return body;
  };
  return { database, clock, sales, catalog, ask, open };
}

function headersOf({ body, raw, token, key, language, headers }: Sent): Record<string, string> {
  return {
    ...((body !== undefined || raw !== undefined) && { "content-type": "application/json" }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(key !== undefined && { "idempotency-key": key }),
    ...(language !== undefined && { "accept-language": language }),
    ...headers,
  };
}

/** What opens an event on sale with one slot and one free ticket type, unless more is said. */
export function anEvent(more: object = {}) {
  return {
    name: "Night at the museum",
    time_zone: "Europe/Prague",
    currency: "EUR",
    publish: true,
    slots: [aSlot()],
    ...more,
  };
}

export function aSlot(more: object = {}) {
  return { starts_at: "2027-06-15T19:00", ends_at: "2027-06-15T19:30", capacity: 40, ...more };
}

/** One catalogue for all tests of a file, made before the first. */
export function aSharedCatalog(options: { anonymousEvents?: boolean } = {}): TestCatalog {
  let making: Promise<TestCatalog> | undefined;
  let made: TestCatalog | undefined;
  before(async (t) => {
    making = aCatalog(t as TestContext, options);
    made = await making;
  });
  const there = () => {
    assert.ok(made, "the catalogue is there once something was asked");
    return made;
  };
  const awaited = () => {
    assert.ok(making, "the catalogue is made before the tests");
    return making;
  };
  return {
    get database() {
      return there().database;
    },
    get clock() {
      return there().clock;
    },
    get sales() {
      return there().sales;
    },
    get catalog() {
      return there().catalog;
    },
    ask: async (request, sent) => (await awaited()).ask(request, sent),
    open: async (more) => (await awaited()).open(more),
  };
}

export function codes({ body }: Received): string[] {
  return body.errors.map(({ path, code }) => `${path} ${code}`);
}

export function fields({ body }: Received): string[] {
  return body.reasons.map(({ field, code }) => `${field} ${code}`);
}

/** The answers that every route of managers gives to who is none. */
export async function refusesStrangers(
  { ask, open, database }: TestCatalog,
  request: (id: string) => string,
  body?: object,
) {
  const [event, other, revoked] = [await open(), await open(), await open()];
  const sent = body === undefined ? {} : { body };
  const nobody = await ask(request(event.id), sent);
  assert.deepEqual([nobody.status, nobody.body.code], [401, "not_authenticated"]);
  const stranger = await ask(request(event.id), { ...sent, token: other.event_token });
  assert.deepEqual([stranger.status, stranger.body.code], [404, "not_found"]);
  const malformed = await ask(request("evt_x"), { ...sent, token: event.event_token });
  assert.deepEqual([malformed.status, malformed.body.code], [400, "malformed_id"]);
  await sql`update catalog.event set token_generation = 1, revision = revision + 1 where slug = ${revoked.slug}`.execute(
    database.kysely,
  );
  const old = await ask(request(revoked.id), { ...sent, token: revoked.event_token });
  assert.deepEqual([old.status, old.body.code], [401, "not_authenticated"]);
}

/** The token with its last two characters changed: the same thing, with a signature that is not ours. */
export function forged(token: string): string {
  return token.slice(0, -2) + (token.endsWith("AA") ? "BA" : "AA");
}
