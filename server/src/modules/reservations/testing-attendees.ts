import assert from "node:assert/strict";
import { sql } from "kysely";
import type { TestServer } from "#test/server.ts";

type App = TestServer["app"];

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of an answer in JSON; else empty. */
  readonly body: {
    readonly id: string;
    readonly code: string;
    readonly event_token: string;
    readonly token: string;
    readonly version: number;
    readonly state: string;
    readonly attendee: object;
    readonly language: string | null;
    readonly tickets: readonly { readonly code: string; readonly state: string }[];
    readonly slots: readonly { readonly id: string }[];
    readonly data: readonly unknown[];
    readonly attendee_retention_days: number | null;
    readonly dry_run: boolean;
    readonly reservations: number;
    readonly erased: number;
    readonly reasons: readonly Readonly<Record<string, unknown>>[];
    readonly errors: readonly { readonly path: string; readonly code: string }[];
  };
}

export interface Sent {
  readonly token?: string;
  readonly key?: string;
  readonly body?: unknown;
}

/** Asks as `GET /events` says; the path is under `/v1`. */
export async function ask({ url }: TestServer, request: string, sent: Sent = {}): Promise<Answer> {
  const [method = "GET", path = ""] = request.split(" ");
  const response = await fetch(`${url}/v1${path}`, {
    method,
    headers: {
      ...(sent.body !== undefined && { "content-type": "application/json" }),
      ...(sent.token !== undefined && { authorization: `Bearer ${sent.token}` }),
      ...(sent.key !== undefined && { "idempotency-key": sent.key }),
    },
    ...(sent.body !== undefined && { body: JSON.stringify(sent.body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : {},
  };
}

/** An event that begins in an hour and ends in two, by the server's clock; 100 places, free. */
export interface SoldEvent {
  readonly id: string;
  readonly token: string;
  readonly slotId: string;
  reserve(attendee: object, more?: { confirm?: boolean; key?: string }): Promise<Answer["body"]>;
  /** Asks to erase; gives status and body. */
  erase(body: object, key?: string): Promise<Answer>;
  addsUp(): Promise<boolean>;
}

export async function aSoldEvent(server: TestServer, more: object = {}): Promise<SoldEvent> {
  const inHours = (hours: number) =>
    new Date(server.app.clock.now() + hours * 3_600_000).toISOString();
  const slots = [{ starts_at: inHours(1), ends_at: inHours(2), capacity: 100 }];
  const opened = await ask(server, "POST /events", {
    body: { name: "Night", publish: true, slots, ...more },
  });
  assert.equal(opened.status, 201, opened.text);
  const { id, event_token: token } = opened.body;
  const slotId = opened.body.slots[0]?.id ?? "";
  return {
    id,
    token,
    slotId,
    reserve: async (attendee, { confirm = true, key } = {}) => {
      const { status, body, text } = await ask(server, "POST /reservations", {
        body: { lines: [{ slot_id: slotId, quantity: 2 }], attendee, language: "cs", confirm },
        ...(key !== undefined && { key }),
      });
      assert.equal(status, 201, text);
      return body;
    },
    erase: (body, key) =>
      ask(server, `POST /events/${id}/attendees/erase`, {
        token,
        body,
        ...(key !== undefined && { key }),
      }),
    addsUp: async () => {
      const { text } = await ask(server, `GET /slots/${slotId}/proof`, { token });
      const { pools } = JSON.parse(text) as { pools: { adds_up: boolean }[] };
      return pools.length > 0 && pools.every((pool) => pool.adds_up);
    },
  };
}

/** The tables of ours in which the text stands anywhere, in any case. */
export async function tablesWith({ database }: App, text: string): Promise<string[]> {
  const { rows: tables } = await sql<{ name: string }>`
    select format('%I.%I', table_schema, table_name) as name
      from information_schema.tables
     where table_type = 'BASE TABLE'
       and table_schema not in ('information_schema', 'pg_catalog')
     order by 1
  `.execute(database.kysely);
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await sql`
      select from ${sql.raw(name)} t where strpos(lower(t::text), lower(${text}::text)) > 0 limit 1
    `.execute(database.kysely);
    if (rows.length > 0) found.push(name);
  }
  return found;
}

/** What is noted of an event: by whom, what, how it ended, and with which details. */
export async function notedOf({ database }: App, action: string): Promise<unknown[]> {
  const { rows } = await sql<{ actor_kind: string; outcome: string; details: unknown }>`
    select actor_kind, outcome, details
      from organizers.audit_entry
     where action = ${action}
     order by audit_id
  `.execute(database.kysely);
  return rows.map(({ actor_kind, outcome, details }) => [actor_kind, outcome, details]);
}
