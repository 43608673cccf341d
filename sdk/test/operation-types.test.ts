import assert from "node:assert/strict";
import { test } from "node:test";
import { json, scriptedServer } from "./scripted-server.ts";

test("what the API does not take is refused by the compiler", async (t) => {
  const { client } = await scriptedServer(
    t,
    Array.from({ length: 6 }, () => json(200, {})),
  );
  // @ts-expect-error there is no such operation
  await assert.rejects(async () => client.call("readNothing", {}), TypeError);
  // @ts-expect-error the path is missing
  await client.call("readReservation", {});
  // @ts-expect-error a quantity is a number
  await client.reservations.create({ lines: [{ slot_id: "slt_1", quantity: "2" }] });
  // @ts-expect-error it takes no body
  await client.call("confirmReservation", { path: { id: "rsv_1" }, body: {} });
  // @ts-expect-error pictures are no JSON
  await client.call("readEventQrPng", { path: { id: "evt_1" } });
  const reservation = await client.reservations.read("rsv_1");
  // @ts-expect-error it has no such member
  assert.equal(reservation.price, undefined);
});
