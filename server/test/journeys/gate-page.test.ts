import assert from "node:assert/strict";
import { test } from "node:test";
import { findBrowser, testPage } from "#test/browser.ts";
import { testProxy } from "#test/proxy.ts";
import { testServer } from "#test/server.ts";
import { aDoor, aPass } from "./a-door.ts";

const browser = findBrowser();

test("a phone that scans a door pass lets people in, without a network too, over a reload, and counts them once", {
  skip: browser === null && "no Chromium on this machine",
  timeout: 180_000,
}, async (t) => {
  if (browser === null) return;
  const { url, client } = await testServer(t);
  const door = await aDoor(client, 2);
  const { codes, eventId, token } = door;
  const pass = await aPass(client, door);
  const [first, second] = codes;
  assert.ok(first && second);
  const network = await testProxy(t, url);
  const page = await testPage(t, browser);

  await page.open(new URL(`/door#${pass.token}`, network.url).href);
  await page.until("Night at the museum");
  assert.equal(await page.evaluate("location.hash"), "");
  await page.tap("Without the camera");
  await page.until("Ready");
  await page.type(first);
  await page.until("Admitted");
  await page.type(first);
  await page.until("Already presented");
  await page.until("North door");
  await page.type("no ticket at all");
  await page.until("No ticket");

  await page.evaluate(untilKept);
  network.down();
  await page.type(second);
  await page.until("Admitted");
  await page.until("1 scan waits to be sent");
  await page.reload();
  await page.tap("Without the camera");
  await page.until("No network");
  await page.type(second);
  await page.until("Already presented");
  await page.until("2 scans wait to be sent");

  network.up();
  await page.until("No network", false);
  const { total } = await client.door.counts(eventId, { token });
  assert.equal(total.admitted, 2);
  assert.equal(total.surplus, 0);
  await page.tap("This gate");
  await page.tap("Stop being a gate");
  await page.tap("Yes, stop");
  await page.until("This device is no gate");
  assert.equal(await page.evaluate("localStorage.length"), 0);
});

test("a ticket that is held in front of a phone's camera is let in, once", {
  skip: browser === null && "no Chromium on this machine",
  timeout: 180_000,
}, async (t) => {
  if (browser === null) return;
  const { url, client } = await testServer(t);
  const door = await aDoor(client, 1);
  const pass = await aPass(client, door);
  const page = await testPage(t, browser, door.codes[0]);
  await page.open(`${url}/door#${pass.token}`);
  await page.tap("Start scanning");
  await page.until("Admitted");
  await page.until("1 of 1");
  const { total } = await client.door.counts(door.eventId, { token: door.token });
  assert.equal(total.presented, 1);
});

/** Until the page can be opened without a network: it has a worker, and all that it loaded is kept. */
const untilKept = `navigator.serviceWorker.ready.then(async () => {
  const kept = await caches.open("door");
  while ((await kept.match("/door")) === undefined) await new Promise(requestAnimationFrame);
})`;
