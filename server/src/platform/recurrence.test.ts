import assert from "node:assert/strict";
import { test } from "node:test";
import { timesOf } from "./recurrence.ts";
import { toRfc3339 } from "./time.ts";

const WANTED = { except: [], timeZone: "Europe/Prague", occurrencesMax: 10_000 } as const;

function instants(rule: string, startsAtLocal: string, more: Partial<typeof WANTED | object> = {}) {
  const times = timesOf({ ...WANTED, ...more, rule, startsAtLocal });
  assert.ok(!("refusal" in times), JSON.stringify(times));
  return times.map(({ at }) => toRfc3339(at));
}

function locals(rule: string, startsAtLocal: string, more: Partial<typeof WANTED | object> = {}) {
  const times = timesOf({ ...WANTED, ...more, rule, startsAtLocal });
  assert.ok(!("refusal" in times), JSON.stringify(times));
  return times.map(({ local }) => local);
}

function refusal(rule: string, more: Partial<typeof WANTED | object> = {}) {
  const times = timesOf({ ...WANTED, ...more, rule, startsAtLocal: "2027-03-22T19:00:00" });
  return "refusal" in times ? times.refusal : `${times.length} times`;
}

test("wall time is kept when the clocks go forward, and the instants move", () => {
  assert.deepEqual(instants("FREQ=WEEKLY;COUNT=3", "2027-03-20T19:00:00"), [
    "2027-03-20T18:00:00Z",
    "2027-03-27T18:00:00Z",
    "2027-04-03T17:00:00Z",
  ]);
});

test("wall time is kept when the clocks go back", () => {
  assert.deepEqual(instants("FREQ=DAILY;COUNT=3", "2027-10-30T19:00:00"), [
    "2027-10-30T17:00:00Z",
    "2027-10-31T18:00:00Z",
    "2027-11-01T18:00:00Z",
  ]);
});

test("a wall time that the clocks skip is left out and not counted", () => {
  assert.deepEqual(locals("FREQ=DAILY;COUNT=3", "2027-03-27T02:30:00"), [
    "2027-03-27T02:30:00",
    "2027-03-29T02:30:00",
    "2027-03-30T02:30:00",
  ]);
});

test("of a wall time that exists twice the first is taken, once", () => {
  assert.deepEqual(instants("FREQ=DAILY;COUNT=3", "2027-10-30T02:30:00"), [
    "2027-10-30T00:30:00Z",
    "2027-10-31T00:30:00Z",
    "2027-11-01T01:30:00Z",
  ]);
});

test("an end may be a count, a day, a wall time or an instant; the last moment is in it", () => {
  const start = "2027-03-27T12:30:00";
  const four = [27, 28, 29, 30].map((day) => `2027-03-${day}T12:30:00`);
  assert.deepEqual(locals("FREQ=DAILY;COUNT=4", start), four);
  assert.deepEqual(locals("FREQ=DAILY;UNTIL=20270330", start), four);
  assert.deepEqual(locals("FREQ=DAILY;UNTIL=20270330T123000", start), four);
  assert.deepEqual(locals("FREQ=DAILY;UNTIL=20270330T103000Z", start), four);
  assert.deepEqual(locals("FREQ=DAILY;UNTIL=20270330T102959Z", start), four.slice(0, 3));
});

test("days and whole dates are left out, and still counted", () => {
  const except = ["2027-03-28", "2027-03-29T12:30:00", "2027-03-30T13:00:00"];
  assert.deepEqual(locals("FREQ=DAILY;COUNT=4", "2027-03-27T12:30:00", { except }), [
    "2027-03-27T12:30:00",
    "2027-03-30T12:30:00",
  ]);
});

const RULES: readonly (readonly [rule: string, first: readonly string[]])[] = [
  ["FREQ=WEEKLY;BYDAY=SA,SU;COUNT=3", ["2027-03-27", "2027-03-28", "2027-04-03"]],
  ["RRULE:FREQ=MONTHLY;BYDAY=1MO;COUNT=3", ["2027-04-05", "2027-05-03", "2027-06-07"]],
  ["FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", ["2027-03-31", "2027-04-30", "2027-05-31"]],
  ["FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", ["2027-03-31", "2027-05-31", "2027-07-31"]],
  ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=2", ["2028-02-29", "2032-02-29"]],
  [
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3",
    ["2027-03-31", "2027-04-30", "2027-05-31"],
  ],
  ["freq=weekly;interval=2;count=3;", ["2027-03-22", "2027-04-05", "2027-04-19"]],
  ["FREQ=WEEKLY;WKST=SU;INTERVAL=2;BYDAY=SU;COUNT=2", ["2027-04-04", "2027-04-18"]],
];

for (const [rule, days] of RULES) {
  test(`${rule} finds its days`, () => {
    const found = locals(rule, "2027-03-22T19:00:00");
    assert.deepEqual(
      found,
      days.map((day) => `${day}T19:00:00`),
    );
  });
}

test("hours and minutes of one rule make the day's slots", () => {
  const rule = "FREQ=DAILY;BYHOUR=9,10;BYMINUTE=0,30;COUNT=5";
  assert.deepEqual(locals(rule, "2027-03-22T09:00:00"), [
    "2027-03-22T09:00:00",
    "2027-03-22T09:30:00",
    "2027-03-22T10:00:00",
    "2027-03-22T10:30:00",
    "2027-03-23T09:00:00",
  ]);
});

for (const [rule, expected] of [
  ["FREQ=DAILY", "rule_has_no_end"],
  ["COUNT=3", "bad_rule"],
  ["", "bad_rule"],
  ["every saturday", "bad_rule"],
  ["FREQ=FORTNIGHTLY;COUNT=3", "bad_rule"],
  ["FREQ=SECONDLY;COUNT=3", "bad_rule"],
  ["FREQ=DAILY;COUNT=0", "bad_rule"],
  ["FREQ=DAILY;COUNT=-1", "bad_rule"],
  ["FREQ=DAILY;COUNT=1e3", "bad_rule"],
  ["FREQ=DAILY;COUNT=3;UNTIL=20270330", "bad_rule"],
  ["FREQ=DAILY;COUNT=3;COUNT=4", "bad_rule"],
  ["FREQ=DAILY;INTERVAL=0;COUNT=3", "bad_rule"],
  ["FREQ=DAILY;INTERVAL=99999999999;COUNT=3", "bad_rule"],
  ["FREQ=DAILY;BYHOUR=24;COUNT=3", "bad_rule"],
  ["FREQ=DAILY;BYMONTH=13;COUNT=3", "bad_rule"],
  ["FREQ=WEEKLY;BYDAY=XX;COUNT=3", "bad_rule"],
  ["FREQ=DAILY;FOO=1;COUNT=3", "bad_rule"],
  ["FREQ=DAILY;constructor=1;COUNT=3", "bad_rule"],
  ["FREQ=DAILY;UNTIL=20270230", "bad_rule"],
  ["FREQ=DAILY;UNTIL=2027-03-30", "bad_rule"],
  ["FREQ=DAILY;COUNT=3\nDTSTART:20200101T000000Z", "bad_rule"],
  [`FREQ=DAILY;COUNT=3;BYMONTHDAY=${Array.from({ length: 200 }, () => 1)}`, "3 times"],
  [`FREQ=DAILY;COUNT=3;BYMONTHDAY=${Array.from({ length: 300 }, () => 1)}`, "bad_rule"],
  ["FREQ=DAILY;UNTIL=20270321", "rule_finds_nothing"],
  ["FREQ=DAILY;COUNT=10001", "rule_finds_too_many"],
  ["FREQ=DAILY;COUNT=9999999", "rule_finds_too_many"],
  ["FREQ=MINUTELY;UNTIL=20990101", "rule_finds_too_many"],
  ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", "rule_takes_too_long"],
  ["FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", "rule_finds_nothing"],
  ["FREQ=YEARLY;BYDAY=MO;BYHOUR=1;BYSETPOS=366;COUNT=1", "rule_finds_nothing"],
] as const) {
  test(`'${rule.slice(0, 60).replaceAll("\n", "↵")}' is answered: ${expected}`, () => {
    assert.equal(refusal(rule), expected);
  });
}

test("a rule made to be followed for ever is given up after a bounded number of steps", () => {
  const all = (count: number) => Array.from({ length: count }, (_, index) => index).join();
  const days = Array.from({ length: 28 }, (_, index) => index + 1).join();
  const worst = `FREQ=YEARLY;BYHOUR=${all(24)};BYMINUTE=${all(60)};BYMONTHDAY=${days};BYSETPOS=-366,366;COUNT=999`;
  assert.equal(refusal(worst), "rule_takes_too_long");
});

test("as many times as an event may have are found", () => {
  assert.equal(
    instants("FREQ=DAILY;BYHOUR=9,10,11,12;COUNT=10000", "2027-01-01T09:00:00").length,
    10_000,
  );
});
