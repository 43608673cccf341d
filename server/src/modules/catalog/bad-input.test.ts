import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { anEvent, aSharedCatalog, aSlot, codes, type Sent } from "./testing.ts";

// What anybody may send to open an event, and the answer it must get: a status and a code, and nothing stored.

const setting = aSharedCatalog();
const { ask } = setting;

const WRONG: readonly (readonly [what: string, more: object, errors: readonly string[]])[] = [
  ["no name", { name: undefined }, ["/name required"]],
  ["no slots", { slots: undefined }, ["/slots required"]],
  ["an unknown field", { colour: "red" }, ["/colour unknown_field"]],
  ["a name of nothing", { name: "" }, ["/name too_short", "/name bad_format"]],
  ["a name of blanks", { name: " \u00a0\u3000 " }, ["/name bad_format"]],
  ["a name of 10,000 characters", { name: "x".repeat(10_000) }, ["/name too_long"]],
  ["a name of two lines", { name: "a\nb" }, ["/name bad_format"]],
  ["a name with a control character", { name: "a\u0007b" }, ["/name not_text"]],
  ["a name with NUL", { name: "a\0b" }, ["/name not_text"]],
  ["a name with half of a character", { name: "a\ud800b" }, ["/name not_text"]],
  ["a name that is a number", { name: 1 }, ["/name wrong_type"]],
  [
    "a name in no language",
    { name: { "not a language": "x" } },
    ["/name/not a language bad_format"],
  ],
  ["a name in a language that is none", { name: { "en-a": "x" } }, ["/name/en-a bad_format"]],
  [
    "a description of 20,001 characters",
    { description: "x".repeat(20_001) },
    ["/description too_long"],
  ],
  ["a location that is a text", { location: "Museum" }, ["/location wrong_type"]],
  [
    "a location with more",
    { location: { name: "M", city: "P" } },
    ["/location/city unknown_field"],
  ],
  ["a slug with a slash", { slug: "a/b" }, ["/slug bad_format"]],
  ["a slug that is too long", { slug: "x".repeat(81) }, ["/slug too_long"]],
  ["an unknown zone", { time_zone: "Europe/Atlantis" }, ["/time_zone unknown_time_zone"]],
  ["an offset for a zone", { time_zone: "+02:00" }, ["/time_zone unknown_time_zone"]],
  ["an unknown currency", { currency: "XYZ" }, ["/currency unknown_currency"]],
  ["a currency in small letters", { currency: "eur" }, ["/currency bad_format"]],
  ["a default language that is none", { default_language: "e" }, ["/default_language bad_format"]],
  ["a hold of no time", { hold_seconds: 0 }, ["/hold_seconds too_small"]],
  ["a hold of a day and a second", { hold_seconds: 86_401 }, ["/hold_seconds too_large"]],
  [
    "a life below the hold",
    { hold_seconds: 60, hold_life_max_seconds: 59 },
    ["/hold_life_max_seconds too_small"],
  ],
  [
    "a cancellation that is free after the start",
    { cancellation_free_hours: -1 },
    ["/cancellation_free_hours too_small"],
  ],
  [
    "a cancellation that is free until a year and an hour before",
    { cancellation_free_hours: 8_761 },
    ["/cancellation_free_hours too_large"],
  ],
  [
    "half an hour to cancel",
    { cancellation_free_hours: 0.5 },
    ["/cancellation_free_hours wrong_type"],
  ],
  [
    "null for the hours to cancel",
    { cancellation_free_hours: null },
    ["/cancellation_free_hours wrong_type"],
  ],
  [
    "less than nothing kept",
    { cancellation_kept_percent: -1 },
    ["/cancellation_kept_percent too_small"],
  ],
  [
    "more kept than was paid",
    { cancellation_kept_percent: 101 },
    ["/cancellation_kept_percent too_large"],
  ],
  [
    "a share with decimals",
    { cancellation_kept_percent: 33.3 },
    ["/cancellation_kept_percent wrong_type"],
  ],
  [
    "null for what is kept",
    { cancellation_kept_percent: null },
    ["/cancellation_kept_percent wrong_type"],
  ],
  ["an offline hold of no time", { offline_hold_hours: 0 }, ["/offline_hold_hours too_small"]],
  [
    "an offline hold of thirty days and an hour",
    { offline_hold_hours: 721 },
    ["/offline_hold_hours too_large"],
  ],
  [
    "a word for an offline hold",
    { offline_hold_hours: "never" },
    ["/offline_hold_hours wrong_type"],
  ],
  ["a word for re-entry", { re_entry: "yes" }, ["/re_entry wrong_type"]],
  ["null for re-entry", { re_entry: null }, ["/re_entry wrong_type"]],
  [
    "an entry that opens after the start",
    { entry_opens_minutes: -1 },
    ["/entry_opens_minutes too_small"],
  ],
  [
    "an entry that opens thirty days and a minute before",
    { entry_opens_minutes: 43_201 },
    ["/entry_opens_minutes too_large"],
  ],
  [
    "half a minute for the entry",
    { entry_opens_minutes: 0.5 },
    ["/entry_opens_minutes wrong_type"],
  ],
  [
    "a gate of blanks, of a ticket type of the event",
    { ticket_types: [{ name: "T", gates: ["North", "\u200b"] }] },
    ["/ticket_types/0/gates/1 bad_format"],
  ],
  ["a number as a string", { hold_seconds: "60" }, ["/hold_seconds wrong_type"]],
  ["a word for a flag", { publish: "true" }, ["/publish wrong_type"]],
  ["a number for a flag", { publish: 1 }, ["/publish wrong_type"]],
  ["slots that are no list", { slots: aSlot() }, ["/slots wrong_type"]],
  ["nothing on sale", { slots: [] }, ["/slots too_few"]],
  ["nothing to sell", { ticket_types: [] }, ["/ticket_types too_few"]],
  ["null for a list", { ticket_types: null }, ["/ticket_types wrong_type"]],
  [
    "101 ticket types",
    { ticket_types: Array.from({ length: 101 }, () => ({ name: "T" })) },
    ["/ticket_types too_many"],
  ],
  [
    "prices of two currencies",
    { ticket_types: [{ name: "T", price: { amount_minor: 0, currency: "CZK" } }] },
    ["/ticket_types/0/price/currency other_currency"],
  ],
  [
    "an end before the start",
    { slots: [aSlot({ ends_at: "2027-06-15T18:00" })] },
    ["/slots/0/ends_at ends_before_start"],
  ],
  [
    "a wall time that does not exist",
    { slots: [aSlot({ starts_at: "2027-03-28T02:30" })] },
    ["/slots/0/starts_at wall_time_does_not_exist"],
  ],
  [
    "a wall time that exists twice",
    { slots: [aSlot({ ends_at: "2027-10-31T02:30" })] },
    ["/slots/0/ends_at wall_time_is_ambiguous"],
  ],
  [
    "a capacity of 2^53",
    { slots: [aSlot({ capacity: 2 ** 53 })] },
    ["/slots/0/capacity too_large"],
  ],
];

for (const [what, more, errors] of WRONG) {
  test(`422: ${what}`, async () => {
    const refused = await ask("POST /events", { body: anEvent(more) });
    assert.deepEqual([refused.status, codes(refused)], [422, errors]);
  });
}

const UNREADABLE: readonly (readonly [what: string, sent: Sent, answer: string])[] = [
  ["no JSON", { raw: "{" }, "400 malformed_request"],
  ["a list", { raw: "[]" }, "422 invalid_field"],
  ["null", { raw: "null" }, "422 invalid_field"],
  ["a name twice", { raw: '{"name":"a","name":"b","slots":[]}' }, "400 malformed_request"],
  [
    "invalid UTF-8",
    { raw: Buffer.from('{"name":"\xff","slots":[]}', "latin1") },
    "400 malformed_request",
  ],
  [
    "deep JSON",
    { raw: `{"name":${"[".repeat(5000)}${"]".repeat(5000)}}` },
    "400 malformed_request",
  ],
  ["__proto__", { raw: '{"__proto__":{"slots":[]},"name":"a"}' }, "400 malformed_request"],
  ["5 MB", { raw: JSON.stringify(anEvent({ name: "x".repeat(5_000_000) })) }, "413 body_too_large"],
  [
    "a form",
    { raw: "name=a", headers: { "content-type": "application/x-www-form-urlencoded" } },
    "415 unsupported_media_type",
  ],
  ["a huge number", { raw: '{"name":"a","slots":[],"hold_seconds":1e400}' }, "422 invalid_field"],
];

for (const [what, sent, answer] of UNREADABLE) {
  test(`${answer}: ${what}`, async () => {
    const { status, body } = await ask("POST /events", sent);
    assert.equal(`${status} ${body.code}`, answer);
  });
}

for (const [path, answer] of [
  ["/events/a%00b", "400 malformed_request"],
  ["/events/%ff", "400 malformed_request"],
  ["/events/..%2f..%2fetc%2fpasswd", "404 not_found"],
  [`/events/${"x".repeat(400)}`, "404 not_found"],
  ["/events/'%20or%201=1--", "404 not_found"],
  ["/events/evt_", "400 malformed_id"],
  ["/events/usr_01h455vb4pex5vsknk084sn02q", "400 malformed_id"],
] as const) {
  test(`${answer}: GET ${path.slice(0, 40)}`, async () => {
    const { status, body } = await ask(`GET ${path}`);
    assert.equal(`${status} ${body.code}`, answer);
  });
}

test("of all that was refused nothing is stored", async () => {
  const { rows } = await sql`select from catalog.event`.execute(setting.database.kysely);
  assert.deepEqual([rows.length, setting.sales.changes.length], [0, 0]);
});
