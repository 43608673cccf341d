import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readVariables } from "#platform/configuration/variables.ts";
import {
  GOOGLE_ACCOUNT,
  GOOGLE_ISSUER,
  makeWalletFiles,
  ORGANIZATION,
  PASS_TYPE,
  PASSPHRASE,
  TEAM,
} from "#test/wallet-certificates.ts";
import { readConfig, warningsOf } from "./config.ts";
import { WALLET_VARIABLES, walletConfig, walletWarnings } from "./wallet-variables.ts";

const { directory, environment } = makeWalletFiles();
const DAY_MS = 86_400_000;
const { wallets } = readConfig({ DATA_DIR: "memory", ...environment });
const endsAt = wallets.apple?.endsAt ?? 0;

/** What is said of the configuration with these changes; in 400 days the certificate ends. */
function errorsOf(changes: Record<string, string>, now = endsAt - 100 * DAY_MS) {
  const { values, errors } = readVariables(WALLET_VARIABLES, { ...environment, ...changes });
  walletConfig(values, { now, errors });
  return errors;
}

function inDirectory(name: string, content = ""): string {
  writeFileSync(join(directory, name), content);
  return join(directory, name);
}

test("wallets are read with everything that passes need, the files once and decrypted", () => {
  const { apple, google } = wallets;
  assert.equal(apple?.passType, PASS_TYPE);
  assert.equal(apple?.team, TEAM);
  assert.equal(apple?.organization, ORGANIZATION);
  assert.match(String(apple?.wwdr), /^-----BEGIN CERTIFICATE-----/, "also of a DER file");
  assert.match(String(apple?.key), /^-----BEGIN RSA PRIVATE KEY-----\nMII/);
  assert.equal(google?.issuer, GOOGLE_ISSUER);
  assert.equal(google?.account, GOOGLE_ACCOUNT);
  assert.ok(Object.isFrozen(wallets) && Object.isFrozen(apple) && Object.isFrozen(google));
  assert.deepEqual(errorsOf({}), []);
});

test("what belongs to a wallet goes together: all of it or none", () => {
  for (const [name] of Object.entries(environment)) {
    const errors = errorsOf({ [name]: "" });
    assert.equal(errors.length, 1, name);
    const said = name.endsWith("PASSPHRASE") ? /is encrypted: WALLET_\w+_PASSPHRASE/ : /together/;
    assert.match(String(errors), said, name);
  }
  for (const name of ["WALLET_APPLE_TEAM", "WALLET_GOOGLE_ISSUER"]) {
    const errors = errorsOf({ [name]: "not one" });
    assert.match(errors.join(), /^WALLET_\w+ must be [^,]*$/, "one that is wrong is not missing");
  }
  const alone = { WALLET_APPLE_KEY_PASSPHRASE: PASSPHRASE };
  assert.throws(() => readConfig({ DATA_DIR: "memory", ...alone }), /go together/);
});

test("files that cannot be read or hold something else are told all at once, with variable and path", () => {
  const empty = inDirectory("empty");
  const names = Object.keys(environment).filter((name) => name.endsWith("_FILE"));
  assert.equal(names.length, 4);
  for (const [path, said] of [
    [join(directory, "nowhere"), /cannot be read \(ENOENT\)/],
    [directory, /cannot be read \(EISDIR\)/],
    [empty, /empty is not /],
  ] as const) {
    const errors = errorsOf(Object.fromEntries(names.map((name) => [name, path])));
    assert.equal(errors.length, names.length);
    for (const name of names) {
      const error = errors.find((text) => text.startsWith(name));
      assert.match(String(error), said, name);
    }
  }
});

test("keys that do not fit are refused, and no passphrase is repeated", () => {
  const key = (name: string) => ({ WALLET_APPLE_KEY_FILE: join(directory, name) });
  assert.match(String(errorsOf(key("wwdr.key"))), /^WALLET_APPLE_KEY_FILE is not the key of/);
  assert.match(String(errorsOf(key("ec.key"))), /ec\.key is not an RSA key/);
  const wrong = errorsOf({ WALLET_APPLE_KEY_PASSPHRASE: "hunter2!" });
  assert.match(String(wrong), /is encrypted with another passphrase\.$/);
  assert.doesNotMatch(String(wrong), /hunter2/);
  const account = { type: "service_account", client_email: "a@b", private_key: "hunter2!" };
  const google = inDirectory("google-wrong.json", JSON.stringify(account));
  const refused = errorsOf({ WALLET_GOOGLE_KEY_FILE: google });
  assert.match(String(refused), /^WALLET_GOOGLE_KEY_FILE: the private_key in .* is not/);
  assert.doesNotMatch(String(refused), /hunter2/);
});

test("a certificate of another pass type, team or authority is refused with what it is", () => {
  const type = errorsOf({ WALLET_APPLE_PASS_TYPE: "pass.org.example.other" });
  assert.match(
    String(type),
    /WALLET_APPLE_PASS_TYPE must be .* its UID is "pass.org.example.ticket"/,
  );
  assert.match(String(errorsOf({ WALLET_APPLE_TEAM: "Z9Z9Z9Z9Z9" })), /its OU is "A1B2C3D4E5"/);
  const wwdr = errorsOf({ WALLET_APPLE_WWDR_FILE: join(directory, "pass.pem") });
  assert.match(String(wwdr), /WWDR_FILE did not issue .*: that was CN=Authority\.$/);
});

test("a certificate is refused before its time and after it, and its end is warned of", () => {
  assert.match(String(errorsOf({}, endsAt)), /CERTIFICATE_FILE: the certificate ended on 20/);
  assert.match(String(errorsOf({}, endsAt - 500 * DAY_MS)), /the certificate begins on 20/);
  assert.equal(errorsOf({}, endsAt + 9_000 * DAY_MS).length, 2, "the authority's ends, too");
  assert.deepEqual(walletWarnings(wallets, endsAt - 31 * DAY_MS), []);
  assert.match(String(walletWarnings(wallets, endsAt - 30 * DAY_MS)), /until 20.*wallets\.md/);
  assert.deepEqual(warningsOf(readConfig({ DATA_DIR: "memory", ...environment })), []);
});
