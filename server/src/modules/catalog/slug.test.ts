import assert from "node:assert/strict";
import { test } from "node:test";
import { isSlug, slugOf } from "./slug.ts";

for (const [name, slug] of [
  ["Night at the museum", "night-at-the-museum"],
  ["Noc v muzeu!", "noc-v-muzeu"],
  ["  Žižkov -- Café №5  ", "zizkov-cafe-no5"],
  ["ÅNGSTRÖM & Søn", "angstrom-søn"],
  ["Nacht/Museum?#%", "nacht-museum"],
  ["博物馆之夜", "博物馆之夜"],
  ["Ночь в музее", "ночь-в-музее"],
  ["ليلة في المتحف", "ليلة-في-المتحف"],
  ["संग्रहालय की रात", "संग्रहालय-की-रात"],
  ["🎉🎉🎉", "event"],
  ["---", "event"],
  ["../../etc/passwd", "etc-passwd"],
  ["evt_01h455vb4pex5vsknk084sn02q", "evt-01h455vb4pex5vsknk084sn02q"],
  ["x".repeat(200), "x".repeat(60)],
] as const) {
  test(`'${name.slice(0, 40)}' gets the slug ${slug.slice(0, 40)}`, () => {
    assert.equal(slugOf(name), slug);
    assert.ok(isSlug(slug));
  });
}

for (const slug of [
  "",
  "Night",
  "night_2027",
  "night 2027",
  "-night",
  "night-",
  "night--2027",
  "night/2027",
  "night%202027",
  "night?x",
  "no\u0063\u030c",
  "x".repeat(81),
  "🎉",
  "a\u200bb",
]) {
  test(`'${slug.slice(0, 30)}' is not a slug`, () => {
    assert.equal(isSlug(slug), false);
  });
}
