import assert from "node:assert/strict";
import { before, type TestContext, test } from "node:test";
import decodeQR from "qr/decode.js";
import { PUBLIC_URL } from "#platform/http/testing.ts";
import { formatId, newId } from "#platform/id.ts";
import { qrPng, qrSvg } from "#platform/qr-code.ts";
import { pixelsOfPng } from "#platform/testing-png.ts";
import { type AnOrganizer, someCredentials, type TestCredentials } from "./testing-organizers.ts";

let shared: TestCredentials;
let museum: AnOrganizer;
let event: { readonly id: string; readonly token: string };
before(async (t) => {
  shared = await someCredentials(t as TestContext);
  museum = await shared.anOrganizer();
  event = await shared.anEvent(museum);
});

const HOUR_MS = 3_600_000;

async function aPass(of = event, who: object = { as: museum.members.manager }) {
  const expires = new Date(shared.clock.now() + HOUR_MS).toISOString();
  const body = { gate: "North door", expires_at: expires };
  const made = await shared.ask(`POST /events/${of.id}/door-passes`, { ...who, body });
  assert.equal(made.status, 201);
  return { ...made.body, path: `GET /events/${of.id}/door-passes/${made.body.id}/qr` };
}

test("a pass is drawn as the address of the scanner with the token behind it, and no cache keeps it", async () => {
  const { path, token } = await aPass();
  const address = `${PUBLIC_URL}/door#${token}`;
  const as = museum.members.owner;
  const svg = await shared.ask(`${path}.svg`, { as });
  assert.deepEqual(
    [svg.status, svg.headers["content-type"], svg.headers["cache-control"], svg.text],
    [200, "image/svg+xml", "no-store", qrSvg(address)],
  );
  const png = await shared.ask(`${path}.png`, { as });
  assert.deepEqual(
    [png.status, png.headers["content-type"], png.headers["cache-control"]],
    [200, "image/png", "no-store"],
  );
  assert.deepEqual(png.bytes, qrPng(address));
  assert.equal(readQr(png.bytes), address);
  assert.ok(!JSON.stringify(shared.lines).includes(token), "no log has it");
});

test("what is read from the code opens the gate", async () => {
  const { path } = await aPass();
  const { bytes } = await shared.ask(`${path}.png`, { as: museum.members.owner });
  const token = new URL(readQr(bytes)).hash.slice(1);
  const own = await shared.ask("GET /door-pass", { token });
  assert.deepEqual([own.status, own.body.gate], [200, "North door"]);
});

test("of a pass that was revoked or is over there is no code, and it is said which", async (t) => {
  const some = await someCredentials(t);
  const mine = await some.anEvent();
  const make = async () => {
    const expires = new Date(some.clock.now() + HOUR_MS).toISOString();
    const body = { gate: "South", expires_at: expires };
    return (await some.ask(`POST /events/${mine.id}/door-passes`, { token: mine.token, body }))
      .body;
  };
  const [revoked, over] = [await make(), await make()];
  const path = `/events/${mine.id}/door-passes`;
  await some.ask(`DELETE ${path}/${revoked.id}`, { token: mine.token });
  const draw = (id: string, file: string) =>
    some.ask(`GET ${path}/${id}/qr.${file}`, { token: mine.token });
  for (const file of ["svg", "png"]) {
    const refused = await draw(revoked.id, file);
    assert.deepEqual([refused.status, refused.body.code], [410, "door_pass_ended"]);
    assert.match(refused.body.detail, /revoked/);
    assert.equal((await draw(over.id, file)).status, 200);
  }
  some.clock.advance(HOUR_MS);
  const late = await draw(over.id, "svg");
  assert.deepEqual([late.status, late.body.code], [410, "door_pass_ended"]);
  assert.match(late.body.detail, /over/);
});

for (const file of ["svg", "png"]) {
  test(`qr.${file} is for who makes passes: others are 403, strangers 404, nobody 401, and so is a pass of another event`, async () => {
    const { path, id, token } = await aPass();
    const stranger = await shared.anOrganizer();
    const answer = async (request: string, sent: object = {}) => {
      const { status, body } = await shared.ask(request, sent);
      return `${status} ${body.code}`;
    };
    const other = await shared.anEvent(museum);
    const as = museum.members.owner;
    const passes = `GET /events/${event.id}/door-passes`;
    assert.deepEqual(
      [
        await answer(`${path}.${file}`, { as: museum.members.viewer }),
        await answer(`${path}.${file}`, { as: museum.members.door }),
        await answer(`${path}.${file}`, { token }),
        await answer(`${path}.${file}`, { as: stranger.members.owner }),
        await answer(`${path}.${file}`),
        await answer(`GET /events/${other.id}/door-passes/${id}/qr.${file}`, { as }),
        await answer(`${passes}/${formatId("dps", newId(shared.clock))}/qr.${file}`, { as }),
        await answer(`${passes}/key_x/qr.${file}`, { as }),
        await answer(`GET /events/evt_x/door-passes/${id}/qr.${file}`, { as }),
      ],
      [
        ...["403 not_allowed", "403 not_allowed", "403 not_allowed", "404 not_found"],
        ...["401 not_authenticated", "404 not_found", "404 not_found"],
        ...["400 malformed_id", "400 malformed_id"],
      ],
    );
  });
}

/** What a scanner reads from a picture. */
function readQr(png: Buffer): string {
  const { width, pixels } = pixelsOfPng(png);
  return decodeQR({ width, height: width, data: pixels });
}
