import assert from "node:assert/strict";
import { test } from "node:test";
import type { Bus } from "#platform/bus/bus.ts";
import type { Id } from "#platform/id.ts";
import { createDoorChanges } from "./door-changes.ts";

const NIGHT = "01890a5d-ac96-774b-bcce-b302099a8057" as Id<"evt">;

/** Tells nobody by itself: what is published is kept, what is heard is said by the test. */
function aBus() {
  const sent: string[] = [];
  const told: { message(payload: string): void; gap(): void }[] = [];
  const bus: Bus = {
    publish: (channel, payload) => {
      sent.push(`${channel} ${payload}`);
      return Promise.resolve();
    },
    subscribe: (_channel, message, gap) => {
      told.push({ message, gap });
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  return { bus, sent, told };
}

test("a change is told here at once and to other processes, and heard from them; a gap may be a change of any event", async () => {
  const { bus, sent, told } = aBus();
  const changes = await createDoorChanges({ bus });
  const heard: (string | null)[] = [];
  const stop = changes.watch((eventId) => heard.push(eventId));
  changes.changed(NIGHT);
  assert.deepEqual([heard, sent], [[NIGHT], [`door ${NIGHT}`]]);
  told[0]?.message(NIGHT);
  told[0]?.gap();
  assert.deepEqual(heard, [NIGHT, NIGHT, null]);
  stop();
  changes.changed(NIGHT);
  assert.equal(heard.length, 3);
});
