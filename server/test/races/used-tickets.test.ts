import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { sql } from "kysely";
import {
  aSale,
  changeRequest,
  freePlaces,
  provePools,
  type ReservationAction,
} from "#modules/reservations/testing.ts";
import type { Database } from "#platform/database/database.ts";
import { type Id, newId } from "#platform/id.ts";
import { seededRandom } from "#test/seeded-random.ts";
import { type Processes, RACES, severalProcesses } from "./several-processes.ts";
import { untilWaiting } from "./until-waiting.ts";

// A ticket lets somebody in, or its holder gives it up: never both. The door locks rows of tickets only, in id order, and uses
// those that are valid; here it is one statement.

const ROUNDS = 40;
const RESERVATIONS = 60;

test(
  "negative control: who looks whether a ticket was used and voids it afterwards voids one that has let somebody in",
  RACES,
  async (t) => {
    const { database, ticketIds } = await confirmed(t, 1);
    const { rows } = await sql<{ used_at: number | null }>`
      select used_at from reservations.ticket
    `.execute(database.kysely);
    assert.equal(rows[0]?.used_at, null);
    assert.deepEqual(await use(database, ticketIds), ticketIds);
    await sql`
      update reservations.ticket set voided_version = 2, voided_at = clock_timestamp()
    `.execute(database.kysely);
    assert.equal(await usedAndVoid(database), 1);
  },
);

test("who is let in at this moment is waited for, and then cannot cancel", RACES, async (t) => {
  const { database, stockFor, reservationIds, ticketIds } = await confirmed(t, 1);
  const [reservationId] = reservationIds as [Id<"rsv">];
  const asked = await database.kysely.transaction().execute(async (transaction) => {
    await sql`
      update reservations.ticket set used_at = clock_timestamp() where ticket_id = ${ticketIds[0]}
    `.execute(transaction);
    const cancelled = stockFor(0).change(
      changeRequest({ action: "cancel", reason: "holder", reservationId }),
    );
    await untilWaiting(transaction, 1);
    return { cancelled };
  });
  assert.equal((await asked.cancelled).status, "ticket_used");
});

test(
  "tickets used while their holders cancel, exchange and transfer are never void, and managers deadlock with nobody",
  RACES,
  async (t) => {
    const random = seededRandom(t);
    const { database, sale, stockFor, reservationIds } = await confirmed(t, RESERVATIONS);
    const [, other] = sale.slotIds as [Id<"slt">, Id<"slt">];
    const holders: readonly ReservationAction[] = ["cancel", "exchange", "transfer"];
    const seen = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      const valid = await validTickets(database);
      const some = () => valid.filter(() => random(ROUNDS) === 0);
      const changes = Array.from({ length: 6 }, async (_, index) => {
        const action = holders[random(3)] ?? "cancel";
        const isManager = index === 0 && action === "transfer" && round % 2 === 0;
        const { status } = await stockFor(index).change(
          changeRequest({
            action,
            reason: isManager ? "manager" : "holder",
            reservationId: reservationIds[random(RESERVATIONS)] as Id<"rsv">,
            ...(action === "exchange" && { priced: freePlaces(sale, { slots: [other] }).priced }),
            ...(action === "transfer" && { attendee: { name: "Grace", email: null, phone: null } }),
          }),
        );
        seen.add(isManager ? `manager ${status}` : status);
      });
      await Promise.all([use(database, some()), use(database, some()), ...changes]);
    }
    assert.ok(seen.has("done") && seen.has("ticket_used"), [...seen].join());
    assert.equal(await usedAndVoidByHolder(database), 0);
    for (const proof of await provePools(database, sale.eventId)) assert.ok(proof.addsUp);
  },
);

/** Reservations of two free tickets each, confirmed, and the ids of all tickets in order. */
async function confirmed(t: TestContext, count: number) {
  const processes: Processes = await severalProcesses(t, 3);
  const { database, clock, stockFor } = processes;
  const sale = await aSale(database, clock, { capacity: 2 * count, slots: 2 });
  const reservationIds = Array.from({ length: count }, () => newId<"rsv">(clock));
  await Promise.all(
    reservationIds.map((reservationId, request) =>
      stockFor(request).hold({
        ...freePlaces(sale, { quantity: count === 1 ? 1 : 2 }),
        reservationId,
        confirmed: true,
      }),
    ),
  );
  return { ...processes, sale, reservationIds, ticketIds: await validTickets(database) };
}

async function validTickets(database: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ ticket_id: string }>`
    select ticket_id from reservations.ticket where voided_version is null order by ticket_id
  `.execute(database.kysely);
  return rows.map(({ ticket_id: ticketId }) => ticketId);
}

/** Lets in whom these tickets let in: those that are valid still. Gives their ids. */
async function use(database: Database, ticketIds: readonly string[]): Promise<readonly string[]> {
  const { rows } = await sql<{ ticket_id: string }>`
    with locked as (
           select ticket_id
             from reservations.ticket
            where ticket_id = any (${`{${ticketIds.join()}}`}::text::uuid[])
              and voided_version is null
            order by ticket_id
              for no key update)
    update reservations.ticket t
       set used_at = clock_timestamp()
      from locked
     where t.ticket_id = locked.ticket_id
    returning t.ticket_id
  `.execute(database.kysely);
  return rows.map(({ ticket_id: ticketId }) => ticketId);
}

async function usedAndVoid(database: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from reservations.ticket where used_at is not null and voided_at is not null
  `.execute(database.kysely);
  return rows[0]?.count ?? 0;
}

async function usedAndVoidByHolder(database: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count
      from reservations.ticket t
      join reservations.entry e on e.reservation_id = t.reservation_id and e.version = t.voided_version
     where t.used_at is not null
       and e.reason = 'holder'
  `.execute(database.kysely);
  return rows[0]?.count ?? 0;
}
