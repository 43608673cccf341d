import assert from "node:assert/strict";
import { test } from "node:test";
import { hoursOf } from "./time.ts";

const ZONE = "Europe/Prague";

test("hours of one day are a range; what ends on another day says which", () => {
  const plain = (text: string) => text.replaceAll(/\s/gu, " ");
  const evening = hoursOf("2027-06-15T17:00:00Z", "2027-06-15T17:30:00Z", ZONE);
  const night = hoursOf("2027-06-15T21:00:00Z", "2027-06-15T22:30:00Z", ZONE);
  const weeks = hoursOf("2027-06-15T17:00:00Z", "2027-07-15T17:00:00Z", ZONE);
  assert.match(plain(evening), /^(7:00 – 7:30 PM|19:00 ?– ?19:30)$/);
  assert.match(plain(night), /^(11:00 PM|23:00) – Wed,? (12:30 AM|00:30|24:30)$/);
  assert.match(plain(weeks), /^(7:00 PM|19:00) – .*(Jul|15).*(7:00 PM|19:00)$/);
});
