import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { testServer } from "#test/server.ts";

const EXAMPLES = join(import.meta.dirname, "../../../sdk/examples");

for (const name of readdirSync(EXAMPLES).filter((file) => file.endsWith(".ts"))) {
  test(`the example ${name} does what it says`, async (t) => {
    const { url } = await testServer(t);
    const { stdout } = await promisify(execFile)(process.execPath, [join(EXAMPLES, name)], {
      env: { ...process.env, TESSERA_URL: url },
    });
    assert.match(stdout, /\ndone\n$/);
  });
}
