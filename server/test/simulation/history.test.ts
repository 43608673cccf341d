import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { type TestServer, testServer } from "#test/server.ts";
import {
  CAPACITY,
  type Change,
  type Expected,
  HOLD_LIFE_MAX_SECONDS,
  HOLD_SECONDS,
  Model,
  SLOTS,
  STEP_SECONDS,
} from "./places.ts";

// Random histories over HTTP, each answer compared with the model's; after every step the places that are shown (P5),
// the proof of every pool (P11) and the bound on what is sold (P1). A repeat of any earlier request must get its first
// answer (P3). SEED=… plays a run again.

const HISTORIES = 25;
const STEPS_MAX = 30;

type Step =
  | {
      readonly do: "reserve";
      readonly slot: number;
      readonly quantity: number;
      readonly confirm: boolean;
    }
  | { readonly do: "change"; readonly which: number; readonly change: Change }
  | {
      readonly do: "exchange";
      readonly which: number;
      readonly slot: number;
      readonly quantity: number;
    }
  | { readonly do: "advance"; readonly steps: number }
  | { readonly do: "repeat"; readonly which: number };

const slot = fc.nat({ max: SLOTS - 1 });
const quantity = fc.integer({ min: 1, max: 4 });
const which = fc.nat({ max: 1000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("reserve"), slot, quantity, confirm: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("change"),
      which,
      change: fc.constantFrom<Change>("confirm", "extend", "release", "cancel", "transfer"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("exchange"), which, slot, quantity }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("advance"), steps: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("repeat"), which }) },
);

test("random histories are answered as the model says, and every pool adds up after each step", async (t) => {
  const server = await testServer(t);
  const seed = Number(process.env["SEED"] ?? process.hrtime.bigint() % 2_147_483_647n);
  t.diagnostic(`SEED=${seed}`);
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 5, maxLength: STEPS_MAX }),
    async (steps) => {
      const history = await History.begin(server);
      for (const one of steps) await history.play(one);
    },
  );
  await fc.assert(property, { seed, numRuns: HISTORIES, endOnFailure: false });
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly replayed: boolean;
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly token: string | null;
  readonly key: string;
  readonly answer: Answer;
}

class History {
  readonly #server: TestServer;
  readonly #model = new Model();
  readonly #sent: Sent[] = [];
  /** By the model's index of a reservation. */
  readonly #known: { id: string; token: string }[] = [];
  readonly #event: { id: string; token: string; slots: string[] };

  private constructor(server: TestServer, event: { id: string; token: string; slots: string[] }) {
    this.#server = server;
    this.#event = event;
  }

  static async begin(server: TestServer): Promise<History> {
    const response = await fetch(`${server.url}/v1/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        name: "Night",
        time_zone: "UTC",
        publish: true,
        hold_seconds: HOLD_SECONDS,
        hold_life_max_seconds: HOLD_LIFE_MAX_SECONDS,
        slots: Array.from({ length: SLOTS }, (_, index) => ({
          starts_at: `2190-06-1${index}T19:00`,
          ends_at: `2190-06-1${index}T20:00`,
          capacity: CAPACITY,
        })),
      }),
    });
    const event = (await response.json()) as {
      id: string;
      event_token: string;
      slots: { id: string }[];
    };
    assert.equal(response.status, 201, JSON.stringify(event));
    return new History(server, {
      id: event.id,
      token: event.event_token,
      slots: event.slots.map(({ id }) => id),
    });
  }

  async play(one: Step): Promise<void> {
    if (one.do === "advance") {
      this.#model.advance(one.steps * STEP_SECONDS);
      await this.#server.advance(one.steps * STEP_SECONDS);
    } else if (one.do === "reserve") await this.#reserve(one);
    else if (one.do === "repeat") await this.#repeat(one.which);
    else await this.#changeSome(one);
    await this.#checkPlaces();
  }

  async #reserve({
    slot: index,
    quantity: wanted,
    confirm,
  }: Extract<Step, { do: "reserve" }>): Promise<void> {
    const expected = this.#model.reserve(index, wanted, confirm);
    const body = { lines: [{ slot_id: this.#event.slots[index], quantity: wanted }], confirm };
    const answer = await this.#send("POST", "/v1/reservations", { body, token: null });
    this.#compare(answer, expected);
    if (expected.status === 201) this.#remember(this.#known.length, answer);
  }

  async #changeSome(one: Extract<Step, { do: "change" | "exchange" }>): Promise<void> {
    if (this.#known.length === 0) return;
    const index = one.which % this.#known.length;
    const reservation = this.#model.reservations[index];
    const known = this.#known[index];
    assert.ok(reservation !== undefined && known !== undefined);
    const path = `/v1/reservations/${known.id}`;
    const { token } = known;
    if (one.do === "exchange") {
      const expected = this.#model.exchange(reservation, one.slot, one.quantity);
      const body = { lines: [{ slot_id: this.#event.slots[one.slot], quantity: one.quantity }] };
      this.#compare(await this.#send("PATCH", path, { body, token }), expected);
      return;
    }
    const expected = this.#model.change(reservation, one.change);
    const body = one.change === "transfer" ? { attendee: { name: "Grace" } } : undefined;
    const answer = await this.#send("POST", `${path}/${one.change}`, { body, token });
    this.#compare(answer, expected);
    if (expected.status === 200) this.#remember(index, answer);
  }

  async #repeat(which: number): Promise<void> {
    const sent = this.#sent[which % Math.max(this.#sent.length, 1)];
    if (sent === undefined) return;
    const again = await this.#fetch(sent.method, sent.path, sent);
    // Personal data is stored once: the attendee in an answer is the present one (docs/decisions/0005).
    const { instance: _first, attendee: _then, ...first } = sent.answer.body;
    const { instance: _again, attendee: _now, ...repeated } = again.body;
    assert.deepEqual([again.status, repeated], [sent.answer.status, first]);
    assert.equal(again.replayed, true);
  }

  #compare(answer: Answer, { status, word }: Expected): void {
    const said = answer.status < 400 ? answer.body["state"] : answer.body["code"];
    assert.deepEqual([answer.status, said], [status, word]);
    assert.equal(answer.replayed, false);
  }

  #remember(index: number, { body }: Answer): void {
    const reservation = this.#model.reservations[index];
    this.#known[index] = { id: String(body["id"]), token: String(body["token"]) };
    const tickets = (body["tickets"] as { state: string }[]).filter(
      ({ state }) => state === "valid",
    );
    assert.equal(tickets.length, reservation?.state === "confirmed" ? reservation.quantity : 0);
  }

  async #checkPlaces(): Promise<void> {
    const shown = await this.#fetch("GET", `/v1/events/${this.#event.id}/availability`, {
      token: null,
    });
    const slots = shown.body["slots"] as { available: number }[];
    assert.deepEqual(
      slots.map(({ available }) => available),
      slots.map((_, index) => this.#model.free(index)),
    );
    for (const id of this.#event.slots) {
      const proof = await this.#fetch("GET", `/v1/slots/${id}/proof`, { token: this.#event.token });
      for (const pool of proof.body["pools"] as {
        adds_up: boolean;
        held: number;
        sold: number;
      }[]) {
        assert.ok(pool.adds_up && pool.held + pool.sold <= CAPACITY, JSON.stringify(pool));
      }
    }
  }

  async #send(
    method: string,
    path: string,
    { body, token }: { body?: unknown; token: string | null },
  ): Promise<Answer> {
    const key = randomUUID();
    const answer = await this.#fetch(method, path, { body, token, key });
    this.#sent.push({ method, path, body, token, key, answer });
    return answer;
  }

  async #fetch(
    method: string,
    path: string,
    { body, token, key }: { body?: unknown; token: string | null; key?: string },
  ): Promise<Answer> {
    const response = await fetch(`${this.#server.url}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(key !== undefined && { "idempotency-key": key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      body: (await response.json()) as Record<string, unknown>,
      replayed: response.headers.get("idempotent-replayed") === "true",
    };
  }
}
