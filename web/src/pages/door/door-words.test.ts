import assert from "node:assert/strict";
import { test } from "node:test";
import type { GateAnswer, GateState } from "@tessera/sdk";
import { shownOf, surplusLine, timesOf, waitingWords } from "./door-words.ts";

const NOW = Date.parse("2027-06-15T17:10:00Z");
const picture = {
  time_zone: "Europe/Prague",
  ticket_types: [{ id: "tty_1", name: "Adult", admits: 1, gates: ["South door", "Boxes"] }],
} as unknown as NonNullable<GateState["door"]>;

const ticket = {
  id: "tkt_1",
  ticketType: { id: "tty_1", name: "Adult" },
  slot: {
    id: "slt_1",
    startsAt: Date.parse("2027-06-15T17:00:00Z"),
    endsAt: Date.parse("2027-06-15T17:30:00Z"),
  },
  holderInitials: "A. L.",
  admits: 1,
};

function answer(part: Partial<GateAnswer>): GateAnswer {
  return {
    ...{ id: "1", at: NOW, direction: "in", outcome: "admitted", isLetThrough: true },
    ...{ decidedBy: "server", reasons: [], ticket, presentedBefore: 0 },
    ...{ lastPresentedAt: null, firstAdmitted: null },
    ...part,
  };
}

const refused = (code: string, part: Partial<GateAnswer> = {}) =>
  answer({
    ...{ outcome: "wrong_slot", isLetThrough: false, reasons: [{ code, message: "said" }] },
    ...part,
  });

/** Whatever kind of space and dash the platform writes times with. */
const plain = (text: string) => text.replace(/[\u2009\u202f\u00a0]/g, " ").replace(/–/g, "-");

test("who is admitted is shown in green, with type, time in the event's zone and initials", () => {
  const { tone, title, facts } = shownOf(answer({}), picture, NOW);
  assert.deepEqual([tone, title], ["good", "Admitted"]);
  assert.deepEqual(facts.map(plain).slice(0, 1), ["Adult"]);
  assert.match(plain(facts[1] ?? ""), /7:00|19:00/);
  assert.equal(facts[2], "A. L.");
  assert.equal(facts.length, 3);
});

test("a ticket that was presented says when and where, and how often", () => {
  const first = { at: Date.parse("2027-06-15T17:02:00Z"), gate: "North door" };
  const again = refused("already_admitted", {
    outcome: "already_presented",
    firstAdmitted: first,
    presentedBefore: 2,
  });
  const { tone, why, facts } = shownOf(again, picture, NOW);
  assert.equal(tone, "warn");
  assert.match(plain(why), /^at (19:02|7:02 (pm|PM)), North door$/);
  assert.equal(facts.at(-1), "Presented 2 times before");
});

test("another day is named, today is not", () => {
  const say = timesOf("Europe/Prague", NOW);
  assert.doesNotMatch(say.moment(NOW), /June/);
  assert.match(say.moment(NOW - 86_400_000), /June/);
  assert.match(say.when(NOW), /^at \d/);
  assert.match(say.when(NOW - 86_400_000), /^on .*June/);
});

test("a refusal says what to do about it: which gate, which time, from when", () => {
  const whyOf = (code: string, part: Partial<GateAnswer> = {}) =>
    plain(shownOf(refused(code, part), picture, NOW).why);
  assert.equal(whyOf("wrong_gate"), "Send them to: South door, Boxes.");
  assert.match(whyOf("other_slot"), /^It is for .*(19:00|7:00)/);
  assert.match(whyOf("over"), /^It was for /);
  const opens = { code: "too_early", message: "", opens_at: "2027-06-15T18:00:00Z" };
  assert.match(whyOf("", { outcome: "too_early", reasons: [opens] }), /^Let in from (20:00|8:00)/);
  assert.match(whyOf("signature", { outcome: "unknown", ticket: null }), /made or changed/);
});

test("a reason that this page does not know is said in the server's words, and never as a yes", () => {
  const { tone, why } = shownOf(refused("something_new"), picture, NOW);
  assert.deepEqual([tone, why], ["bad", "said"]);
});

test("numbers are said as people say them", () => {
  assert.equal(waitingWords(1), "1 scan waits to be sent.");
  assert.equal(waitingWords(12), "12 scans wait to be sent.");
  const say = timesOf("Europe/Prague", NOW);
  const line = surplusLine(
    { id: "1", ticketId: null, at: NOW, firstAdmitted: { at: NOW - 60_000, gate: "South door" } },
    say,
  );
  assert.match(plain(line), /^Here at .*: the ticket was used at .*, South door\.$/);
});
