import assert from "node:assert/strict";
import { test } from "node:test";
import { toRfc3339 } from "./time.ts";
import { canonicalTimeZone, nearestZonedTime, readTime, wallTime } from "./wall-time.ts";

const READINGS: readonly (readonly [text: string, zone: string, utc: string, local: string])[] = [
  ["2027-06-15T19:00", "Europe/Prague", "2027-06-15T17:00:00Z", "2027-06-15T19:00:00"],
  ["2027-01-15T19:00", "Europe/Prague", "2027-01-15T18:00:00Z", "2027-01-15T19:00:00"],
  ["2027-06-15T19:00:30", "Europe/Prague", "2027-06-15T17:00:30Z", "2027-06-15T19:00:30"],
  ["2027-06-15T19:00:00.5", "UTC", "2027-06-15T19:00:00.500Z", "2027-06-15T19:00:00.5"],
  ["2027-06-15T19:00:00.123999", "UTC", "2027-06-15T19:00:00.123Z", "2027-06-15T19:00:00.123"],
  ["2027-06-15T19:00Z", "Europe/Prague", "2027-06-15T19:00:00Z", "2027-06-15T21:00:00"],
  ["2027-06-15T19:00:00.000Z", "UTC", "2027-06-15T19:00:00Z", "2027-06-15T19:00:00"],
  ["2027-06-15T19:00+05:30", "Europe/Prague", "2027-06-15T13:30:00Z", "2027-06-15T15:30:00"],
  ["2027-06-15T19:00", "Asia/Kathmandu", "2027-06-15T13:15:00Z", "2027-06-15T19:00:00"],
  ["2027-06-15T19:00", "America/St_Johns", "2027-06-15T21:30:00Z", "2027-06-15T19:00:00"],
  ["2028-02-29T12:00", "UTC", "2028-02-29T12:00:00Z", "2028-02-29T12:00:00"],
  // The night in which a time exists twice: an offset says which.
  ["2027-10-31T02:30+02:00", "Europe/Prague", "2027-10-31T00:30:00Z", "2027-10-31T02:30:00"],
  ["2027-10-31T02:30+01:00", "Europe/Prague", "2027-10-31T01:30:00Z", "2027-10-31T02:30:00"],
  // Around it: still once.
  ["2027-10-31T01:59", "Europe/Prague", "2027-10-30T23:59:00Z", "2027-10-31T01:59:00"],
  ["2027-10-31T03:00", "Europe/Prague", "2027-10-31T02:00:00Z", "2027-10-31T03:00:00"],
  ["2027-03-28T01:59", "Europe/Prague", "2027-03-28T00:59:00Z", "2027-03-28T01:59:00"],
  ["2027-03-28T03:00", "Europe/Prague", "2027-03-28T01:00:00Z", "2027-03-28T03:00:00"],
  // An instant in the hour that the wall skips is shown after it.
  ["2027-03-28T01:30Z", "Europe/Prague", "2027-03-28T01:30:00Z", "2027-03-28T03:30:00"],
  // Half an hour is skipped at Lord Howe Island.
  ["2027-10-03T02:30", "Australia/Lord_Howe", "2027-10-02T15:30:00Z", "2027-10-03T02:30:00"],
];

for (const [text, zone, utc, local] of READINGS) {
  test(`${text} in ${zone} is ${utc}`, () => {
    const time = readTime(text, zone);
    assert.ok(!("refusal" in time), JSON.stringify(time));
    assert.deepEqual({ utc: toRfc3339(time.at), local: time.local }, { utc, local });
  });
}

const REFUSALS: readonly (readonly [text: string, zone: string, refusal: string])[] = [
  ["2027-03-28T02:00", "Europe/Prague", "wall_time_does_not_exist"],
  ["2027-03-28T02:59:59", "Europe/Prague", "wall_time_does_not_exist"],
  ["2027-03-14T02:30", "America/New_York", "wall_time_does_not_exist"],
  ["2027-10-03T02:15", "Australia/Lord_Howe", "wall_time_does_not_exist"],
  ["2011-12-30T12:00", "Pacific/Apia", "wall_time_does_not_exist"], // the whole day was left out
  ["2027-10-31T02:00", "Europe/Prague", "wall_time_is_ambiguous"],
  ["2027-10-31T02:59", "Europe/Prague", "wall_time_is_ambiguous"],
  ["2027-11-07T01:30", "America/New_York", "wall_time_is_ambiguous"],
  ["1969-12-31T23:59", "UTC", "out_of_range"],
  ["2201-01-01T00:00", "UTC", "out_of_range"],
  ["2201-01-01T00:00Z", "UTC", "out_of_range"],
  ["0000-01-01T00:00", "UTC", "out_of_range"],
  ["2027-02-29T12:00", "UTC", "bad_format"],
  ["2027-13-01T12:00", "UTC", "bad_format"],
  ["2027-06-15T24:00", "UTC", "bad_format"],
  ["2027-06-15T19:60", "UTC", "bad_format"],
  ["2027-06-15T19:00:60", "UTC", "bad_format"],
  ["2027-06-15T19:00+25:00", "UTC", "bad_format"],
  ["2027-06-15T19:00+0200", "UTC", "bad_format"],
  ["2027-06-15T19:00[Europe/Prague]", "UTC", "bad_format"],
  ["2027-06-15 19:00", "UTC", "bad_format"],
  ["2027-06-15", "UTC", "bad_format"],
  ["19:00", "UTC", "bad_format"],
  ["+002027-06-15T19:00", "UTC", "bad_format"],
  ["", "UTC", "bad_format"],
  ["tomorrow", "UTC", "bad_format"],
];

for (const [text, zone, refusal] of REFUSALS) {
  test(`'${text}' in ${zone} is refused: ${refusal}`, () => {
    const time = readTime(text, zone);
    assert.ok("refusal" in time, JSON.stringify(time));
    assert.equal(time.refusal, refusal);
    assert.ok(time.message.length > 10);
  });
}

test("a refused wall time is told with the times that can be meant", () => {
  const twice = readTime("2027-10-31T02:30", "Europe/Prague");
  assert.match("message" in twice ? twice.message : "", /T02:30\+02:00 or .*T02:30\+01:00/);
  const never = readTime("2027-03-28T02:30", "Europe/Prague");
  assert.match("message" in never ? never.message : "", /T01:30 or .*T03:30/);
});

test("a wall time that was made, not given, is the first of two, and as far after a gap as before", () => {
  const at = (local: string) => toRfc3339(nearestZonedTime(wallTime(local), "Europe/Prague").at);
  assert.equal(at("2027-10-31T02:30"), "2027-10-31T00:30:00Z");
  assert.equal(at("2027-03-28T02:30"), "2027-03-28T01:30:00Z");
});

for (const [name, canonical] of [
  ["Europe/Prague", "Europe/Prague"],
  ["europe/prague", "Europe/Prague"],
  ["utc", "UTC"],
  ["America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"],
  ["Etc/GMT+5", "Etc/GMT+5"],
  ["Europe/Atlantis", null],
  ["+02:00", null],
  ["Z", null],
  ["", null],
  ["Europe/Prague\n", null],
  ["../../etc/passwd", null],
  ["A".repeat(1000), null],
] as const) {
  test(`'${name.slice(0, 40)}' names the zone ${canonical}`, () => {
    assert.equal(canonicalTimeZone(name), canonical);
  });
}
