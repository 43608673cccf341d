import assert from "node:assert/strict";
import { test } from "node:test";
import { forgetPass, keepPass, takePass } from "./gate-pass.ts";

function place(text?: string) {
  const kept = new Map(text === undefined ? [] : [["tessera.door-pass", text]]);
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

const opens = {
  ...{ eventId: "evt_1", eventName: "Night", language: "en" },
  ...{ gate: "North door", expiresAt: "2027-06-15T22:00:00Z" },
};

test("the pass in the address makes the device a gate, and it stays one after a reload", () => {
  const device = place();
  assert.equal(takePass("", device), null);
  assert.deepEqual(takePass("#abc.def", device), { token: "abc.def", opens: null });
  assert.deepEqual(takePass("", device), { token: "abc.def", opens: null });
});

test("what a pass opens is known after a reload, and not said of another pass", () => {
  const device = place();
  keepPass({ token: "first", opens }, device);
  assert.deepEqual(takePass("#first", device), { token: "first", opens });
  assert.deepEqual(takePass("#second", device), { token: "second", opens: null });
  assert.deepEqual(takePass("", device), { token: "second", opens: null });
});

test("a device that was told to be no gate is none", () => {
  const device = place();
  keepPass({ token: "first", opens }, device);
  forgetPass(device);
  assert.equal(takePass("", device), null);
});

test("what cannot be read is no pass, and no error", () => {
  for (const text of ["", "null", "{", "[]", '{"token":1}', "7"]) {
    assert.equal(takePass("", place(text)), null, text);
  }
});
