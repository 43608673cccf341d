import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { Problem } from "#platform/http/problem.ts";
import { filesOfStoredZip } from "#test/stored-zip.ts";
import {
  makeWalletFiles,
  ORGANIZATION,
  PASS_TYPE,
  readWallets,
  TEAM,
} from "#test/wallet-certificates.ts";
import { applePassContent } from "./apple-pass.ts";
import { createApplePasses } from "./apple-passes.ts";
import { A_CODE, aSheet, aVoidSheet } from "./testing-sheets.ts";
import { LABELS } from "./wallet-words.ts";

const walletFiles = makeWalletFiles();
const { directory } = walletFiles;
const { apple: wallet } = readWallets(walletFiles);
const passes = createApplePasses(wallet);
after(() => passes.close());

interface Content {
  readonly [member: string]: unknown;
  readonly barcodes?: readonly object[];
  readonly eventTicket: Record<string, readonly Record<string, unknown>[]>;
}

async function filesOf(sheet = aSheet()): Promise<ReadonlyMap<string, Buffer>> {
  return filesOfStoredZip(await passes.passOf(sheet));
}

function contentOf(files: ReadonlyMap<string, Buffer>): Content {
  return JSON.parse(String(files.get("pass.json"))) as Content;
}

/** What a pass shows, by the name of the field. */
function fieldsOf(content: Content): Record<string, Record<string, unknown>> {
  const fields = Object.values(content.eventTicket).flat();
  return Object.fromEntries(fields.map((field) => [String(field["key"]), field]));
}

function file(name: string, content: Buffer): string {
  writeFileSync(join(directory, name), content);
  return join(directory, name);
}

function openssl(...line: readonly string[]): string {
  return execFileSync("openssl", line, { stdio: "pipe", encoding: "utf8" });
}

test("a pass has all of its files, and a manifest with the right hash of each", async () => {
  const files = await filesOf();
  const images = ["icon", "icon@2x", "icon@3x", "logo", "logo@2x", "logo@3x"];
  const languages = Object.keys(LABELS).map((language) => `${language}.lproj/pass.strings`);
  const hashed = [...images.map((image) => `${image}.png`), ...languages, "pass.json"];
  assert.deepEqual([...files.keys()].sort(), [...hashed, "manifest.json", "signature"].sort());
  const manifest = JSON.parse(String(files.get("manifest.json"))) as Record<string, string>;
  assert.deepEqual(Object.keys(manifest).sort(), hashed.sort());
  for (const [name, hash] of Object.entries(manifest)) {
    const content = files.get(name) ?? "";
    assert.equal(hash, createHash("sha1").update(content).digest("hex"), name);
  }
});

test("the pictures of a pass are as wide as their names say, and an icon and a logo", async () => {
  const files = await filesOf();
  const widths = { icon: 29, logo: 50 };
  for (const [name, width] of Object.entries(widths)) {
    for (const [scale, suffix] of [
      [1, ""],
      [2, "@2x"],
      [3, "@3x"],
    ] as const) {
      const picture = files.get(`${name}${suffix}.png`) ?? Buffer.alloc(0);
      assert.equal(picture.toString("latin1", 1, 4), "PNG");
      assert.equal(picture.readUInt32BE(16), scale * width, `${name}${suffix}`);
      assert.equal(picture.readUInt32BE(20), scale * width, `${name}${suffix}`);
    }
  }
});

test("a pass is signed so that openssl believes it, by the certificate and for its manifest alone", async () => {
  const files = await filesOf();
  const signature = file("signature", files.get("signature") ?? Buffer.alloc(0));
  const manifest = files.get("manifest.json") ?? Buffer.alloc(0);
  const verify = (content: string) =>
    openssl(
      ...["smime", "-verify", "-binary", "-inform", "DER", "-in", signature, "-content", content],
      ...["-CAfile", join(directory, "wwdr.pem"), "-purpose", "any", "-signer"],
      join(directory, "signer.pem"),
    );
  assert.equal(verify(file("manifest.json", manifest)), String(manifest));
  const signer = openssl("x509", "-in", join(directory, "signer.pem"), "-noout", "-subject");
  assert.match(signer, new RegExp(PASS_TYPE));
  const shown = openssl("cms", "-cmsout", "-print", "-inform", "DER", "-in", signature);
  assert.match(shown, /signingTime/, "Wallet wants to know when");
  const other = Buffer.from(String(manifest).replace(/"[0-9a-f]/, '"f'));
  assert.notDeepEqual(other, manifest);
  assert.throws(() => verify(file("other.json", other)), /digest failure|verification failure/i);
});

test("a pass says whose it is, what it is for and when it is over", async () => {
  const { eventTicket, ...content } = contentOf(await filesOf());
  assert.deepEqual(content, {
    formatVersion: 1,
    passTypeIdentifier: PASS_TYPE,
    teamIdentifier: TEAM,
    serialNumber: content["serialNumber"],
    groupingIdentifier: content["groupingIdentifier"],
    organizationName: ORGANIZATION,
    logoText: ORGANIZATION,
    description: "Vstupenka na Noc v muzeu",
    relevantDate: "2029-06-15T17:00:00.000Z",
    expirationDate: "2029-06-15T19:00:00.000Z",
    barcodes: [{ format: "PKBarcodeFormatQR", message: A_CODE, messageEncoding: "iso-8859-1" }],
    backgroundColor: "rgb(140, 58, 31)",
    foregroundColor: "rgb(255, 246, 234)",
    labelColor: "rgb(246, 214, 196)",
  });
  assert.match(String(content["serialNumber"]), /^tkt_[0-9a-z]{26}$/);
  assert.match(String(content["groupingIdentifier"]), /^evt_[0-9a-z]{26}$/);
  const values = Object.entries(fieldsOf({ eventTicket })).map(([key, { value }]) => [key, value]);
  assert.deepEqual(Object.fromEntries(values), {
    ordinal: "2 / 3",
    event: "Noc v muzeu",
    starts: "2029-06-15T19:00:00+02:00",
    place: "Národní muzeum",
    type: "Rodinná",
    admits: 4,
    holder: "Žofie Dvořáková",
    "back-starts": "2029-06-15T19:00:00+02:00",
    "back-ends": "2029-06-15T21:00:00+02:00",
    "time-zone": "Europe/Prague",
    note: "Vchod z boku",
    address: "Národní muzeum\nVáclavské náměstí 68, 110 00 Praha 1",
    page: "https://tickets.example.org/e/noc-v-muzeu",
    number: content["serialNumber"],
  });
});

test("times are those of the place, whatever the zone of the phone, also when the clocks change", async () => {
  const startsAt = Date.UTC(2029, 9, 28, 0, 30); // 2:30 for the first time
  const sheet = aSheet({ startsAt, endsAt: startsAt + 3_600_000 });
  const {
    starts,
    "back-starts": again,
    "back-ends": ends,
  } = fieldsOf(contentOf(await filesOf(sheet)));
  assert.equal(starts?.["value"], "2029-10-28T02:30:00+02:00");
  assert.equal(ends?.["value"], "2029-10-28T02:30:00+01:00");
  for (const field of [starts, again, ends]) {
    assert.equal(field?.["ignoresTimeZone"], true);
    assert.equal(field?.["dateStyle"], "PKDateStyleMedium");
    assert.equal(field?.["timeStyle"], "PKDateStyleShort");
  }
});

test("a void ticket's pass says so, has no code and does not come to the lock screen", async () => {
  const content = contentOf(await filesOf(aVoidSheet()));
  assert.equal(content["voided"], true);
  assert.equal(content.barcodes, undefined);
  assert.equal(content["relevantDate"], undefined);
  assert.equal(contentOf(await filesOf())["voided"], undefined);
});

test("what is not known of a ticket is left out, and the server says whose it is where nobody else does", () => {
  const nothing = { placeName: null, placeAddress: null, slotNote: null, holderName: null };
  const sheet = aSheet({ ...nothing, admits: 1, count: 1, ordinal: 1, language: "ja" });
  const content = applePassContent(sheet, { ...wallet, organization: null }) as Content;
  assert.equal(content["organizationName"], "tickets.example.org");
  assert.equal(content["description"], "Ticket for Noc v muzeu");
  const keys = [
    "event",
    "starts",
    "type",
    "back-starts",
    "back-ends",
    "time-zone",
    "page",
    "number",
  ];
  assert.deepEqual(Object.keys(fieldsOf(content)).sort(), keys.sort());
});

test("every label of a pass is there in each language", async () => {
  const files = await filesOf();
  const labels = Object.values(fieldsOf(contentOf(files))).map(({ label }) => String(label));
  for (const [language, translations] of Object.entries(LABELS)) {
    const strings = String(files.get(`${language}.lproj/pass.strings`));
    for (const label of labels) {
      const translated = (translations as Record<string, string>)[label];
      assert.ok(strings.includes(`"${label}" = "${translated}";`), `${language}: ${label}`);
    }
  }
});

test("a pass is signed beside: the thread that answers is not held up", async () => {
  await passes.passOf(aSheet());
  const before = performance.eventLoopUtilization();
  await Promise.all(Array.from({ length: 10 }, () => passes.passOf(aSheet())));
  const { utilization } = performance.eventLoopUtilization(before);
  assert.ok(utilization < 0.5, `busy for ${utilization} of the time`);
});

test("who comes when too many passes are being made is told to come again", async () => {
  const asked = Array.from({ length: 65 }, () => passes.passOf(aSheet()));
  const ended = await Promise.allSettled(asked);
  const refused = ended.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  assert.equal(refused.length, 1);
  assert.ok(refused[0] instanceof Problem && refused[0].type.code === "overloaded");
  assert.equal(refused[0].retryAfterSeconds, 1);
});

test("a thread that ends refuses who waits, and the next pass gets another", async () => {
  const others = createApplePasses(wallet);
  const waiting = others.passOf(aSheet());
  await others.close();
  await assert.rejects(waiting, /the thread that signs passes has ended/);
  assert.ok((await others.passOf(aSheet())).length > 1000);
  await others.close();
});

test("what cannot be signed is an error without anything of the ticket in it", async () => {
  const others = createApplePasses({ ...wallet, key: "no key" });
  await assert.rejects(others.passOf(aSheet()), (error: Error) => {
    assert.match(error.message, /^a pass cannot be made/);
    return !/Žofie|T1:/.test(error.message);
  });
  await others.close();
});
