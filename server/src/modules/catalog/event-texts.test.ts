import assert from "node:assert/strict";
import { test } from "node:test";
import { type Id, parseId } from "#platform/id.ts";
import { aSharedCatalog, aSlot } from "./testing.ts";

const setting = aSharedCatalog();

const idOf = <Kind extends "evt" | "slt" | "tty">(
  kind: Kind,
  text: string | undefined,
): Id<Kind> => {
  const id = parseId(kind, text ?? "");
  assert.ok(id);
  return id;
};

test("an event is told in the reader's language, with slots and ticket types that its page does not show any more", async () => {
  const slots = Array.from({ length: 102 }, (_, index) =>
    aSlot({
      starts_at: `2027-06-15T${String(index % 24).padStart(2, "0")}:${index < 24 ? "00" : String(index % 60).padStart(2, "0")}`,
      ends_at: "2027-06-16T12:00",
      note: { en: "north", cs: "sever" },
    }),
  );
  const { ask, open, catalog } = setting;
  const types = [{ name: { en: "Adult", cs: "Dospělý" }, admits: 2 }, { name: "Child" }];
  const event = await open({
    name: { en: "Night", cs: "Noc" },
    location: { name: "Museum" },
    slots,
    ticket_types: types,
  });
  const token = event.event_token;
  const all = await ask(`GET /events/${event.id}/slots?limit=100`, { token });
  const rest = await ask(`GET /events/${event.id}/slots?limit=100&cursor=${all.body.next_cursor}`, {
    token,
  });
  const [first, last] = [all.body.data[0]?.id, rest.body.data.at(-1)?.id];
  const [adult] = event.ticket_types;
  await ask(`DELETE /ticket-types/${adult?.id}`, { token });
  await ask(`DELETE /slots/${first}`, { token });
  const other = await open();
  const wanted = {
    slotIds: [first, last, other.slots[0]?.id].map((id) => idOf("slt", id)),
    ticketTypeIds: [idOf("tty", adult?.id)],
    languages: ["cs-CZ"],
  };
  const texts = await catalog.textsOf(idOf("evt", event.id), wanted);
  assert.ok(texts);
  assert.deepEqual(
    [texts.name, texts.placeName, texts.placeAddress, texts.languages],
    ["Noc", "Museum", null, ["en", "cs"]],
  );
  // A slot of another event is not told of.
  assert.deepEqual([...texts.slots.keys()], wanted.slotIds.slice(0, 2));
  assert.deepEqual(
    [...texts.slots.values()].map(({ note }) => note),
    ["sever", "sever"],
  );
  assert.deepEqual([...texts.ticketTypes.values()], [{ name: "Dospělý", admits: 2 }]);
  const nothing = idOf("evt", "evt_00000000000000000000000000");
  assert.equal(await catalog.textsOf(nothing, wanted), null);
});
