import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { aSale, freePlaces, provePools } from "#modules/reservations/testing.ts";
import { newId } from "#platform/id.ts";
import { RACES, severalProcesses } from "./several-processes.ts";

const REPEATS = 40;
const KEYS = 20;

for (const keyed of [false, true]) {
  const name = keyed
    ? "a request that is repeated under its key, in five processes at once, takes its place once"
    : "negative control: without a key each repeat takes a place of its own";
  test(name, RACES, async (t) => {
    const { database, clock, stockFor } = await severalProcesses(t, 5);
    const sale = await aSale(database, clock, { capacity: 100_000 });
    const keys = Array.from({ length: KEYS }, () => ({
      key: randomUUID(),
      fingerprint: randomUUID(),
    }));
    const results = await Promise.all(
      Array.from({ length: KEYS * REPEATS }, (_, request) => {
        const requestKey = keys[request % KEYS] ?? null;
        return stockFor(request >> 2).hold({
          ...freePlaces(sale, { quantity: 1 }),
          reservationId: newId(clock),
          requestKey: keyed ? requestKey : null,
        });
      }),
    );
    const [proof] = await provePools(database, sale.eventId);
    assert.ok(proof?.addsUp);
    if (!keyed) {
      assert.equal(proof.held, KEYS * REPEATS);
      return;
    }
    assert.equal(proof.held, KEYS);
    assert.equal(results.filter((result) => result.status === "done").length, KEYS);
    assert.equal(
      results.filter((result) => result.status === "replayed").length,
      KEYS * (REPEATS - 1),
    );
    for (let key = 0; key < KEYS; key++) {
      const same = results.filter((_, request) => request % KEYS === key);
      assert.equal(new Set(same.map((result) => result.reservationId)).size, 1);
    }
  });
}

test(
  "a key that two processes use at once for different slots has one effect, and the other is told",
  RACES,
  async (t) => {
    const { database, clock, stockFor } = await severalProcesses(t, 2);
    const sale = await aSale(database, clock, { capacity: 1000, slots: 2 });
    for (let round = 0; round < 50; round++) {
      const key = randomUUID();
      const results = await Promise.all(
        sale.slotIds.map((slot, index) =>
          stockFor(index).hold({
            ...freePlaces(sale, { slots: [slot] }),
            reservationId: newId(clock),
            requestKey: { key, fingerprint: randomUUID() },
          }),
        ),
      );
      assert.deepEqual(results.map(({ status }) => status).sort(), ["done", "key_reused"]);
    }
    for (const proof of await provePools(database, sale.eventId)) assert.ok(proof.addsUp);
  },
);
