import assert from "node:assert/strict";
import { test } from "node:test";
import { createRepeatFilter } from "./repeat-filter.ts";

test("a code that a camera goes on seeing is news once, until it was out of sight for three seconds", () => {
  let at = 0;
  const filter = createRepeatFilter(() => at);
  assert.equal(filter.isNews("A"), true);
  for (let frame = 0; frame < 100; frame++) {
    at += 200;
    assert.equal(filter.isNews("A"), false, `${at}`);
  }
  at += 2_999;
  assert.equal(filter.isNews("A"), false);
  at += 3_000;
  assert.equal(filter.isNews("A"), true);
});

test("two codes in sight by turns are news once each", () => {
  let at = 0;
  const filter = createRepeatFilter(() => at);
  const news: string[] = [];
  for (let frame = 0; frame < 40; frame++) {
    at += 100;
    const code = frame % 2 === 0 ? "A" : "B";
    if (filter.isNews(code)) news.push(code);
  }
  assert.deepEqual(news, ["A", "B"]);
});

test("a code that is to be presented again is news at once", () => {
  const filter = createRepeatFilter(() => 0);
  assert.equal(filter.isNews("A"), true);
  filter.forget();
  assert.equal(filter.isNews("A"), true);
});
