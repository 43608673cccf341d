import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  GOOGLE_ACCOUNT,
  GOOGLE_ISSUER,
  makeWalletFiles,
  readWallets,
} from "#test/wallet-certificates.ts";
import { googleWalletLink } from "./google-wallet.ts";
import { A_CODE, aSheet, aVoidSheet } from "./testing-sheets.ts";
import type { TicketSheet } from "./ticket-sheet.ts";

const walletFiles = makeWalletFiles();
const { directory } = walletFiles;
const { google: wallet } = readWallets(walletFiles);
const NOW = 1_800_000_000_500;
const NOTHING = { placeName: null, placeAddress: null, slotNote: null, holderName: null } as const;

interface Claims {
  readonly payload: {
    readonly eventTicketClasses: readonly [Record<string, unknown>];
    readonly eventTicketObjects: readonly [Record<string, unknown>];
  };
  readonly [claim: string]: unknown;
}

function linkOf(about: Partial<TicketSheet> = {}): Promise<string> {
  return googleWalletLink(aSheet(about), { wallet, now: NOW });
}

function partsOf(link: string): readonly [string, string, string] {
  const [header, claims, signature, ...others] = link.slice(link.lastIndexOf("/") + 1).split(".");
  assert.ok(header !== undefined && claims !== undefined && signature !== undefined);
  assert.equal(others.length, 0);
  return [header, claims, signature];
}

function claimsOf(link: string): Claims {
  return JSON.parse(Buffer.from(partsOf(link)[1], "base64url").toString("utf8")) as Claims;
}

async function payloadOf(about: Partial<TicketSheet> = {}) {
  const { eventTicketClasses, eventTicketObjects } = claimsOf(await linkOf(about)).payload;
  return { ofClass: eventTicketClasses[0], ofObject: eventTicketObjects[0] };
}

test("a link to Google Wallet is signed with RS256 so that openssl believes it, and nothing else under it", async () => {
  const link = await linkOf();
  assert.match(link, /^https:\/\/pay\.google\.com\/gp\/v\/save\/[\w-]+\.[\w-]+\.[\w-]+$/);
  const [header, claims, signature] = partsOf(link);
  assert.deepEqual(JSON.parse(Buffer.from(header, "base64url").toString()), { alg: "RS256" });
  const verify = (content: string) => {
    writeFileSync(join(directory, "content"), content);
    writeFileSync(join(directory, "content.sig"), Buffer.from(signature, "base64url"));
    const line = "dgst -sha256 -verify google.pub -signature content.sig content";
    return execFileSync("openssl", line.split(" "), { cwd: directory, stdio: "pipe" }).toString();
  };
  assert.match(verify(`${header}.${claims}`), /Verified OK/);
  assert.throws(() => verify(`${header}.${claims}A`), /signature|verif/i);
});

test("the claims are those that Google documents, with class and object of the ticket in them", async () => {
  const { payload, ...claims } = claimsOf(await linkOf());
  assert.deepEqual(claims, {
    iss: GOOGLE_ACCOUNT,
    aud: "google",
    typ: "savetowallet",
    iat: 1_800_000_000,
    origins: [],
  });
  const inCzech = (value: string) => ({ defaultValue: { language: "cs", value } });
  const { id: classId, ...ofClass } = payload.eventTicketClasses[0];
  assert.match(String(classId), new RegExp(`^${GOOGLE_ISSUER}\\.[\\w-]{16}$`));
  assert.deepEqual(ofClass, {
    issuerName: "tickets.example.org",
    reviewStatus: "UNDER_REVIEW",
    eventName: inCzech("Noc v muzeu"),
    venue: {
      name: inCzech("Národní muzeum"),
      address: inCzech("Václavské náměstí 68, 110 00 Praha 1"),
    },
    dateTime: { start: "2029-06-15T19:00:00+02:00", end: "2029-06-15T21:00:00+02:00" },
  });
  const { id, ...ofObject } = payload.eventTicketObjects[0];
  assert.match(String(id), new RegExp(`^${GOOGLE_ISSUER}\\.[\\w-]{16}$`));
  assert.deepEqual(ofObject, {
    classId,
    state: "ACTIVE",
    ticketHolderName: "Žofie Dvořáková",
    ticketType: inCzech("Rodinná"),
    barcode: { type: "QR_CODE", value: A_CODE },
  });
});

test("what a wallet can do without is said where there is room", async () => {
  const short = { ...NOTHING, eventName: "Noc", ticketType: "VIP", language: "de" };
  const most = await payloadOf({ ...short, slotNote: "Links", eventUrl: "https://t.eu/e/noc" });
  assert.match(String(most.ofClass["eventId"]), /^evt_[0-9a-z]{26}$/);
  assert.deepEqual(most.ofClass["homepageUri"], { uri: "https://t.eu/e/noc" });
  assert.equal(most.ofClass["hexBackgroundColor"], "#8c3a1f");
  assert.equal(most.ofObject["ticketNumber"], "2 / 3");
  assert.deepEqual(most.ofObject["textModulesData"], [
    { header: "Personen", body: "4" },
    { header: "Hinweis", body: "Links" },
  ]);
  const less = await payloadOf({ ...short, placeName: "Museum", slotNote: "Links" });
  assert.equal(less.ofClass["homepageUri"], undefined);
  assert.equal(less.ofObject["ticketNumber"], "2 / 3");
  assert.deepEqual(less.ofObject["textModulesData"], [{ header: "Personen", body: "4" }]);
});

test("what is not known of a ticket is left out of its link, and a place has a name and an address or is none", async () => {
  const { ofClass, ofObject } = await payloadOf({ ...NOTHING, admits: 1, count: 1, ordinal: 1 });
  assert.equal(ofClass["venue"], undefined);
  assert.deepEqual(Object.keys(ofObject), ["id", "classId", "state", "ticketType", "barcode"]);
  const inCzech = { defaultValue: { language: "cs", value: "Náměstí 1" } };
  const both = { name: inCzech, address: inCzech };
  const place = { ...NOTHING, placeAddress: "Náměstí 1" };
  assert.deepEqual((await payloadOf(place)).ofClass["venue"], both);
  const name = { ...NOTHING, placeName: "Náměstí 1" };
  assert.deepEqual((await payloadOf(name)).ofClass["venue"], both);
});

test("the same ticket has the same ids, one of which something changed has others", async () => {
  const { ofClass, ofObject } = await payloadOf();
  const again = await payloadOf();
  assert.equal(again.ofClass["id"], ofClass["id"]);
  assert.equal(again.ofObject["id"], ofObject["id"]);
  const transferred = await payloadOf({ holderName: "Jan Novák" });
  assert.equal(transferred.ofClass["id"], ofClass["id"]);
  assert.notEqual(transferred.ofObject["id"], ofObject["id"]);
  const moved = await payloadOf({ startsAt: aSheet().startsAt - 3_600_000 });
  assert.notEqual(moved.ofClass["id"], ofClass["id"]);
  assert.notEqual(moved.ofObject["id"], ofObject["id"], "it is of the other class");
});

test("a link's token is never longer than 1,800 characters: names are shortened, the code never", async () => {
  const lengthOf = async (about?: Partial<TicketSheet>) =>
    partsOf(await linkOf(about)).join(".").length;
  const lengths: Record<string, number> = {
    usual: await lengthOf(),
    least: await lengthOf({ ...NOTHING, admits: 1, count: 1 }),
  };
  for (const character of ["n", "ž", "票", "🎟"]) {
    const text = character.repeat(200);
    const names = { eventName: text, placeName: text, placeAddress: text, slotNote: text };
    const about = { ...names, ticketType: text, holderName: text, language: "zh-Hant" };
    lengths[character] = await lengthOf(about);
    const { ofClass, ofObject } = await payloadOf(about);
    assert.deepEqual(ofObject["barcode"], { type: "QR_CODE", value: A_CODE });
    assert.match(JSON.stringify(ofClass["eventName"]), new RegExp(`"${character}{9,}…"`, "u"));
  }
  for (const [what, length] of Object.entries(lengths)) {
    assert.ok(length <= 1_800, `${what}: ${length}`);
  }
});

test("there is no link for a void ticket", async () => {
  await assert.rejects(googleWalletLink(aVoidSheet(), { wallet, now: NOW }), /void ticket/);
});
