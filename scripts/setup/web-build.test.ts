import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { hashOf, webBuild } from "./web-build.mjs";

/** A repository with one page. */
function aRepository(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), "tessera-build-"));
  mkdirSync(join(root, "web/src/pages"), { recursive: true });
  writeFileSync(join(root, "web/src/pages/Page.tsx"), "one");
  t.after(() => rmSync(root, { recursive: true }));
  return root;
}

test("a build is stale until it is noted, and again when a source changes, appears or is renamed", (t) => {
  const root = aRepository(t);
  const note = () => {
    mkdirSync(join(root, "web/dist"), { recursive: true });
    writeFileSync(join(root, "web/dist/.built-from"), webBuild(root).hash);
  };
  assert.equal(webBuild(root).isStale, true);
  note();
  assert.equal(webBuild(root).isStale, false);
  writeFileSync(join(root, "web/src/pages/Page.tsx"), "two");
  assert.equal(webBuild(root).isStale, true);
  note();
  writeFileSync(join(root, "package-lock.json"), "{}");
  assert.equal(webBuild(root).isStale, true);
});

test("a hash is of names and contents, not of the way they are cut", (t) => {
  const root = aRepository(t);
  writeFileSync(join(root, "web/a"), "xy");
  writeFileSync(join(root, "web/b"), "z");
  const before = hashOf(root, ["web"]);
  assert.equal(hashOf(root, ["web"]), before);
  writeFileSync(join(root, "web/a"), "x");
  writeFileSync(join(root, "web/b"), "yz");
  assert.notEqual(hashOf(root, ["web"]), before);
  assert.notEqual(hashOf(root, ["web/a"]), hashOf(root, ["web/b"]));
});
