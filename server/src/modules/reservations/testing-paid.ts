import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type Id, parseId } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import { type TestServer, testServer } from "#test/server.ts";
import { createAvailabilityView } from "./availability.ts";
import { type ChangeRequest, changeRequest } from "./change-request.ts";
import { createPaymentLedger, type PaymentLedger } from "./payment-ledger.ts";
import { createReservationReader } from "./read-reservation.ts";
import type { ReservationBody } from "./reservation-schemas.ts";
import { createStock, type Stock } from "./stock.ts";

// Reservations that cost money, on a whole server: what payments would do is done to the ledger by hand, as by another
// process.

type App = TestServer["app"];

/** A reservation, or the problem that was answered instead. */
type AnyBody = ReservationBody & {
  readonly code: string;
  readonly reasons: readonly Readonly<Record<string, unknown>>[];
};

export interface Answered {
  readonly status: number;
  readonly replayed: boolean;
  readonly body: AnyBody;
}

export interface Asking {
  readonly token?: string | undefined;
  readonly key?: string;
  readonly body?: unknown;
}

/** What payments ask of a server's reservations. */
export function paymentsOf({ database, clock, catalog }: App): {
  stock: Stock;
  ledger: PaymentLedger;
} {
  const limits = { batchItemsMax: 100, queueItemsMax: 100 };
  const stock = createStock({ database, clock, limits });
  const reader = createReservationReader({ database, clock, ...limits });
  const availability = createAvailabilityView(database, clock);
  return {
    stock,
    ledger: createPaymentLedger({ clock, catalog, stock, reader, availability }),
  };
}

export interface PaidNight {
  readonly server: TestServer;
  readonly id: string;
  /** Manages the event. */
  readonly token: string;
  /** In ten days, an hour apart, with as many places as asked for. */
  readonly slots: readonly string[];
  /** Types by price in minor units. */
  readonly types: Readonly<Record<0 | 1200 | 2500, string>>;
  readonly ledger: PaymentLedger;
  ask(request: string, sent?: Asking): Promise<Answered>;
  /** A line: places of the n-th slot. */
  line(slot: number, quantity: number, price?: 0 | 1200 | 2500): object;
  /** Holds these lines. */
  hold(...lines: object[]): Promise<ReservationBody>;
  /** Holds and pays for these lines. */
  buy(...lines: object[]): Promise<ReservationBody>;
  /** Asks the ledger for something, as a payment. */
  change(reservation: string, request: Partial<ChangeRequest>): Promise<string>;
  /** What is left in each slot. */
  left(): Promise<number[]>;
  addsUp(): Promise<boolean>;
}

const PRICES = [0, 1200, 2500] as const;
const DAYS_AHEAD = 10;

interface NightInput {
  /** The places of each slot. */
  readonly capacities: readonly number[];
  readonly cancellation_free_hours: number;
  readonly cancellation_kept_percent: number;
}

/** An event that sells free, cheap and dear places in some slots. Holds last ten minutes. */
export async function aPaidNight(
  t: TestContext,
  { capacities = [5, 5, 5], ...more }: Partial<NightInput> = {},
): Promise<PaidNight> {
  const server = await testServer(t);
  const { stock, ledger } = paymentsOf(server.app);
  const start = (slot: number) =>
    toRfc3339(server.app.clock.now() + (DAYS_AHEAD * 24 + slot) * 3_600_000);
  const event = await server.client.events.create({
    name: "Night",
    currency: "EUR",
    publish: true,
    hold_seconds: 600,
    hold_life_max_seconds: 1200,
    slots: capacities.map((capacity, slot) => ({
      starts_at: start(slot),
      ends_at: start(slot + 1),
      capacity,
    })),
    ticket_types: PRICES.map((amount_minor) => ({
      name: `For ${amount_minor}`,
      price: { amount_minor, currency: "EUR" },
    })),
    ...more,
  });
  const slots = event.slots.map((slot) => slot.id);
  const types = Object.fromEntries(
    PRICES.map((price, index) => [price, event.ticket_types[index]?.id ?? ""]),
  ) as PaidNight["types"];
  const change: PaidNight["change"] = async (reservation, request) => {
    const reservationId = idOf(reservation);
    const asked = changeRequest({
      action: "confirm",
      reason: "payment",
      ...request,
      reservationId,
    });
    return (await stock.change(asked)).status;
  };
  const hold: PaidNight["hold"] = async (...lines) => {
    const { status, body } = await ask(server, "POST /reservations", { body: { lines } });
    assert.equal(status, 201, JSON.stringify(body));
    return body;
  };
  return {
    server,
    id: event.id,
    token: event.event_token ?? "",
    slots,
    types,
    ledger,
    ask: (request, sent) => ask(server, request, sent),
    line: (slot, quantity, price = 1200) => ({
      slot_id: slots[slot],
      ticket_type_id: types[price],
      quantity,
    }),
    hold,
    buy: async (...lines) => {
      const held = await hold(...lines);
      assert.equal(await change(held.id, { paidMinor: held.total.amount_minor }), "done");
      const { body } = await ask(server, `GET /reservations/${held.id}`, { token: held.token });
      assert.equal(body.state, "confirmed");
      return body;
    },
    change,
    left: async () => {
      // What another process changed is told a second later at the latest.
      await server.advance(1);
      const shown = await server.client.availability.read(event.id);
      return shown.slots.map(({ available }) => available);
    },
    addsUp: async () => {
      const token = event.event_token ?? "";
      const proofs = slots.map((slot) => server.client.slots.proof(slot, { token }));
      return (await Promise.all(proofs)).every(({ pools }) => pools.every((pool) => pool.adds_up));
    },
  };
}

/** The id of a reservation, inside. */
export function idOf(reservation: string): Id<"rsv"> {
  const id = parseId("rsv", reservation);
  assert.ok(id !== null);
  return id;
}

async function ask({ url }: TestServer, request: string, sent: Asking = {}): Promise<Answered> {
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
  return {
    status: response.status,
    replayed: response.headers.get("idempotent-replayed") === "true",
    body: (await response.json()) as AnyBody,
  };
}
