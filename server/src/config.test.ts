import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ConfigError, readConfig, VARIABLES, warningsOf } from "./config.ts";

const KEY = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const OTHER_KEY = Buffer.from(KEY, "hex").reverse().toString("base64url");

function aDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "tessera-config-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

function errorsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig({ DATA_DIR: "memory", ...environment });
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.errors;
  }
}

test("nothing needs to be set", () => {
  const { secretKeys, ...config } = readConfig({ DATA_DIR: "memory" });
  assert.deepEqual(config, {
    port: 8080,
    host: "127.0.0.1",
    publicUrl: "http://localhost:8080",
    databaseUrl: null,
    databasePoolMax: 10,
    dataDir: "memory",
    redisUrl: null,
    tls: null,
    anonymousEvents: true,
    attendeeRetentionDays: null,
    mailUrl: null,
    mailFrom: "tickets@localhost",
    payments: { stripe: null, isTest: false, waitSeconds: 1800, offerHours: 24 },
    wallets: { apple: null, google: null },
    trustProxy: null,
    testClock: false,
    logLevel: "info",
    batchItemsMax: 512,
    queueItemsMax: 8192,
    rateLimits: true,
  });
  assert.equal(secretKeys[0]?.length, 32);
  assert.ok(Object.isFrozen(readConfig({ DATA_DIR: "memory" })));
});

test("an empty variable counts as absent, blanks around a value do not count", () => {
  const config = readConfig({ DATA_DIR: "memory", PORT: "", HOST: " 0.0.0.0 ", LOG_LEVEL: " " });
  assert.equal(config.port, 8080);
  assert.equal(config.host, "0.0.0.0");
  assert.equal(config.logLevel, "info");
});

test("everything that is wrong is told at once, each with the variable's name", () => {
  const wrong = {
    PORT: "70000",
    PUBLIC_URL: "tickets.example.org",
    DATABASE_URL: "mysql://x",
    DATABASE_POOL_MAX: "0",
    REDIS_URL: "http://x",
    SECRET_KEY: "short",
    TLS_CERT_FILE: "/nowhere/cert.pem",
    ANONYMOUS_EVENTS: "maybe",
    MAIL_URL: "http://mail.example.org",
    MAIL_FROM: "Tickets",
    STRIPE_SECRET_KEY: "sk_test_1 sk_test_2",
    STRIPE_WEBHOOK_SECRET: "whsec_1,,whsec_2",
    STRIPE_PUBLISHABLE_KEY: "pk test",
    STRIPE_API_URL: "https://stripe.example.org/v1",
    TEST_PAYMENTS: "perhaps",
    PAYMENT_WAIT_SECONDS: "59",
    PAYMENT_OFFER_HOURS: "169",
    WALLET_APPLE_PASS_TYPE: "org.example.ticket",
    WALLET_APPLE_TEAM: "Example",
    WALLET_GOOGLE_ISSUER: "example",
    TRUST_PROXY: "everyone",
    TEST_CLOCK: "2",
    LOG_LEVEL: "loud",
    BATCH_ITEMS_MAX: "1e3",
    QUEUE_ITEMS_MAX: "-1",
  };
  const errors = errorsOf(wrong);
  for (const name of Object.keys(wrong)) {
    assert.ok(
      errors.some((error) => error.includes(name)),
      `${name} is told`,
    );
  }
  assert.equal(errors.length, Object.keys(wrong).length);
});

test("a secret is never repeated in what is said about it", () => {
  for (const name of ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "MAIL_URL"]) {
    assert.doesNotMatch(errorsOf({ [name]: "hunter2!" }).join(), /hunter2/, name);
  }
  for (const name of ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"]) {
    for (const secret of ["hunter2!", "hunter2, hunter 2"]) {
      const errors = errorsOf({ [name]: secret });
      assert.ok(errors.length > 0, name);
      assert.doesNotMatch(errors.join(), /hunter/, name);
    }
  }
});

test("with DATABASE_URL a key is required, and the error says how to make one", () => {
  const DATABASE_URL = "postgres://user@db:5432/tessera";
  const [error, ...others] = errorsOf({ DATABASE_URL });
  assert.match(String(error), /SECRET_KEY is required.*openssl rand -hex 32/);
  assert.deepEqual(others, []);
  const config = readConfig({ DATABASE_URL, SECRET_KEY: KEY });
  assert.equal(config.anonymousEvents, false, "sales are for organizers unless it is allowed");
  assert.equal(
    readConfig({ DATABASE_URL, SECRET_KEY: KEY, ANONYMOUS_EVENTS: "on" }).anonymousEvents,
    true,
  );
});

test("keys come as hex or base64url, several in order, and none that can be guessed", () => {
  const { secretKeys } = readConfig({ DATA_DIR: "memory", SECRET_KEY: `${KEY}, ${OTHER_KEY}` });
  assert.deepEqual(
    secretKeys.map((key) => key.toString("hex")),
    [KEY, Buffer.from(KEY, "hex").reverse().toString("hex")],
  );
  for (const guessable of ["00".repeat(32), "A".repeat(43), KEY.slice(30), `${KEY},`, "changeme"]) {
    assert.equal(errorsOf({ SECRET_KEY: guessable }).length, 1, guessable);
  }
});

test("the embedded database's key is made once, for its owner's eyes only", (t) => {
  const DATA_DIR = join(aDirectory(t), "new");
  const [first] = readConfig({ DATA_DIR }).secretKeys;
  const [second] = readConfig({ DATA_DIR }).secretKeys;
  assert.deepEqual(second, first);
  assert.equal(statSync(join(DATA_DIR, "secret-key")).mode & 0o777, 0o600);
  assert.equal(statSync(DATA_DIR).mode & 0o777, 0o700);
  const [given] = readConfig({ DATA_DIR, SECRET_KEY: KEY }).secretKeys;
  assert.equal(given?.toString("hex"), KEY);
  assert.equal(readFileSync(join(DATA_DIR, "secret-key"), "utf8").trim(), first?.toString("hex"));
});

test("a damaged key file is not replaced: that would void every token", (t) => {
  const DATA_DIR = aDirectory(t);
  writeFileSync(join(DATA_DIR, "secret-key"), "half a k");
  assert.throws(() => readConfig({ DATA_DIR }), ConfigError);
  assert.equal(readFileSync(join(DATA_DIR, "secret-key"), "utf8"), "half a k");
});

test("nothing is written when something else is wrong", (t) => {
  const DATA_DIR = aDirectory(t);
  assert.throws(() => readConfig({ DATA_DIR, PORT: "x" }), ConfigError);
  assert.throws(() => statSync(join(DATA_DIR, "secret-key")), /ENOENT/);
});

test("a Redis without a password is used on this machine only", () => {
  for (const url of [
    "redis://localhost:6379",
    "redis://127.0.0.1",
    "redis://[::1]:6379/2",
    "redis://:secret@redis:6379",
    "rediss://user:secret@redis.example.org",
  ]) {
    assert.deepEqual(errorsOf({ REDIS_URL: url }), [], url);
  }
  for (const url of ["redis://redis:6379", "rediss://10.0.0.7", "redis://localhost.evil.org"]) {
    assert.match(errorsOf({ REDIS_URL: url }).join(), /password/, url);
  }
});

test("HTTPS needs both files, and both to be PEM", (t) => {
  const directory = aDirectory(t);
  const [cert, key] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  writeFileSync(cert, "-----BEGIN CERTIFICATE-----\n");
  writeFileSync(key, "not PEM");
  assert.match(errorsOf({ TLS_KEY_FILE: key }).join(), /go together/);
  assert.match(errorsOf({ TLS_CERT_FILE: cert, TLS_KEY_FILE: key }).join(), /TLS_KEY_FILE: .* PEM/);
  writeFileSync(key, "-----BEGIN PRIVATE KEY-----\n");
  chmodSync(key, 0o600);
  const config = readConfig({ DATA_DIR: "memory", TLS_CERT_FILE: cert, TLS_KEY_FILE: key });
  assert.match(String(config.tls?.key), /PRIVATE KEY/);
  assert.equal(config.publicUrl, "https://localhost:8080");
});

test("the public address is an origin, and loses a slash at its end", () => {
  const publicUrlOf = (PUBLIC_URL: string) =>
    readConfig({ DATA_DIR: "memory", PUBLIC_URL }).publicUrl;
  assert.equal(publicUrlOf("https://Tickets.example.org/"), "https://tickets.example.org");
  for (const url of ["https://x/path", "https://x/?a", "https://u:p@x", "ftp://x", "//x", "x"]) {
    assert.equal(errorsOf({ PUBLIC_URL: url }).length, 1, url);
  }
});

test("proxies are addresses, networks, or the names of networks", () => {
  const given = readConfig({ DATA_DIR: "memory", TRUST_PROXY: "loopback, 10.0.0.0/8,::1" });
  assert.equal(given.trustProxy, "loopback,10.0.0.0/8,::1");
  for (const proxy of ["true", "1", "10.0.0.0/33", "::1/129", "10.0.0.0/8/8", "a.example.org"]) {
    assert.equal(errorsOf({ TRUST_PROXY: proxy }).length, 1, proxy);
  }
});

test("Stripe is offered with its key and the secrets of its webhooks, and with neither alone", () => {
  const key = { STRIPE_SECRET_KEY: "sk_test_1" };
  const secrets = { STRIPE_WEBHOOK_SECRET: "whsec_old, whsec_new" };
  for (const one of [key, secrets]) assert.match(errorsOf(one).join(), /go together/);
  const { stripe } = readConfig({ DATA_DIR: "memory", ...key, ...secrets }).payments;
  assert.deepEqual(stripe, {
    secretKey: "sk_test_1",
    webhookSecrets: ["whsec_old", "whsec_new"],
    publishableKey: null,
    apiUrl: null,
  });
  const others = { STRIPE_PUBLISHABLE_KEY: "pk_1", STRIPE_API_URL: "http://127.0.0.1:9/" };
  const all = readConfig({ DATA_DIR: "memory", ...key, ...secrets, ...others }).payments;
  assert.equal(all.stripe?.publishableKey, "pk_1");
  const [shown] = errorsOf({ ...key, ...secrets, STRIPE_PUBLISHABLE_KEY: "rk_live_hunter2" });
  assert.match(String(shown), /^STRIPE_PUBLISHABLE_KEY is a secret one(?!.*hunter2)/);
  assert.equal(all.stripe?.apiUrl, "http://127.0.0.1:9");
  assert.ok(Object.isFrozen(all) && Object.isFrozen(all.stripe));
  assert.equal(readConfig({ DATA_DIR: "memory", ...others }).payments.stripe, null);
});

test("tickets without money are to be had with the test clock, or where it is asked for, which is warned of", () => {
  const read = (environment: Record<string, string>) => {
    const config = readConfig({ DATA_DIR: "memory", ...environment });
    return { isTest: config.payments.isTest, warnings: warningsOf(config).length };
  };
  assert.deepEqual(read({}), { isTest: false, warnings: 0 });
  assert.deepEqual(read({ TEST_CLOCK: "1" }), { isTest: true, warnings: 0 });
  assert.deepEqual(read({ TEST_CLOCK: "1", TEST_PAYMENTS: "off" }), { isTest: false, warnings: 0 });
  assert.deepEqual(read({ TEST_PAYMENTS: "on" }), { isTest: true, warnings: 1 });
});

test("a queue fills at least one batch", () => {
  assert.match(errorsOf({ QUEUE_ITEMS_MAX: "10" }).join(), /QUEUE_ITEMS_MAX/);
  assert.deepEqual(errorsOf({ QUEUE_ITEMS_MAX: "10", BATCH_ITEMS_MAX: "10" }), []);
});

test("every variable says its range and what it is for, in a sentence", () => {
  const names = new Set<string>();
  for (const { name, sentence, range } of Object.values(VARIABLES)) {
    assert.match(name, /^[A-Z][A-Z_]+$/);
    assert.match(sentence, /^[A-Z].*\.$/, name);
    assert.ok(range.length > 0, name);
    names.add(name);
  }
  assert.equal(names.size, Object.keys(VARIABLES).length);
});
