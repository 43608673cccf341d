import { readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "#platform/clock.ts";
import {
  ConfigError,
  httpOrigin,
  integer,
  mailAddress,
  mailUrl,
  oneOf,
  onOff,
  postgresUrl,
  proxies,
  redisUrl,
  secretKeys,
  text,
} from "#platform/configuration/readers.ts";
import { keepSecretKey, temporarySecretKey } from "#platform/configuration/secret-key.ts";
import { readVariables, type Variable } from "#platform/configuration/variables.ts";
import { LOG_LEVELS, type LogLevel } from "#platform/logger.ts";
import { PAYMENT_VARIABLES, type PaymentConfig, paymentConfig } from "./payment-variables.ts";
import {
  WALLET_VARIABLES,
  type WalletConfig,
  walletConfig,
  walletWarnings,
} from "./wallet-variables.ts";

export { ConfigError };

/** Everything that can be set, as it is read from the environment. The page about it is made of this. */
export const VARIABLES = {
  port: {
    name: "PORT",
    unit: "TCP port",
    fallback: 8080,
    range: "0 to 65535; 0 takes any free one",
    sentence: "Where the server listens.",
    read: integer(0, 65_535),
  },
  host: {
    name: "HOST",
    unit: "address or name",
    fallback: "127.0.0.1",
    range: "an address of this machine; `0.0.0.0` or `::` for all of them",
    sentence: "Which of the machine's addresses the server listens on.",
    read: text,
  },
  publicUrl: {
    name: "PUBLIC_URL",
    unit: "URL",
    fallback: null,
    defaultText: "`http://localhost:PORT`, with TLS `https://localhost:PORT`",
    range: "http or https, without a path",
    sentence:
      "Where people reach the server: the base of every link it makes, of QR codes and of problem types.",
    read: httpOrigin,
  },
  databaseUrl: {
    name: "DATABASE_URL",
    unit: "URL",
    fallback: null,
    defaultText: "none: the embedded database in DATA_DIR",
    range: "postgres:// or postgresql://",
    sentence: "The PostgreSQL (15 or later) to use. Embedded is for trying and for small events.",
    isSecret: true,
    read: postgresUrl,
  },
  databasePoolMax: {
    name: "DATABASE_POOL_MAX",
    unit: "connections",
    fallback: 10,
    range: "1 to 200",
    sentence: "How many connections to PostgreSQL one process opens at most.",
    read: integer(1, 200),
  },
  dataDir: {
    name: "DATA_DIR",
    unit: "directory",
    fallback: "./data",
    range: "one this process may write to; `memory` keeps nothing",
    sentence: "Where the embedded database and its secret key live. One process owns it.",
    read: text,
  },
  redisUrl: {
    name: "REDIS_URL",
    unit: "URL",
    fallback: null,
    defaultText: "none: PostgreSQL tells the processes of changes",
    range: "redis:// or rediss://; with a password unless it is on this machine",
    sentence: "A Redis that tells the processes of each other's changes.",
    isSecret: true,
    read: redisUrl,
  },
  secretKeys: {
    name: "SECRET_KEY",
    unit: "keys, comma separated",
    fallback: null,
    defaultText: "embedded: made once and kept in DATA_DIR/secret-key; with DATABASE_URL: required",
    range: "each at least 32 bytes as hex or base64url (`openssl rand -hex 32`)",
    sentence:
      "Signs the tokens. The first key signs, all are accepted: put a new one first to rotate, drop the old one when its tokens may die.",
    isSecret: true,
    read: secretKeys,
  },
  tlsCertFile: {
    name: "TLS_CERT_FILE",
    unit: "PEM file",
    fallback: null,
    defaultText: "none: plain HTTP",
    range: "readable; together with TLS_KEY_FILE",
    sentence: "The certificate chain. With it the server itself speaks HTTPS.",
    read: text,
  },
  tlsKeyFile: {
    name: "TLS_KEY_FILE",
    unit: "PEM file",
    fallback: null,
    defaultText: "none",
    range: "readable; together with TLS_CERT_FILE",
    sentence: "The private key of the certificate.",
    read: text,
  },
  anonymousEvents: {
    name: "ANONYMOUS_EVENTS",
    unit: "",
    fallback: null,
    defaultText: "embedded: on; with DATABASE_URL: off",
    range: "on, off",
    sentence: "Whether anyone may create events, managed by an event token instead of an account.",
    read: onOff,
  },
  attendeeRetentionDays: {
    name: "ATTENDEE_RETENTION_DAYS",
    unit: "days",
    fallback: null,
    defaultText: "none: attendees are kept until somebody erases them",
    range: "0 to 3650",
    sentence:
      "How long after they are over the attendees of events are erased, for new events that say nothing about it themselves.",
    read: integer(0, 3_650),
  },
  mailUrl: {
    name: "MAIL_URL",
    unit: "URL",
    fallback: null,
    defaultText:
      "embedded: mails are written to DATA_DIR/mail; with DATABASE_URL: they wait three days for a server",
    range: "smtp:// or smtps://, with user and password where the server asks for them",
    sentence: "The mail server that sends links to verify an address or to set a new password.",
    isSecret: true,
    read: mailUrl,
  },
  mailFrom: {
    name: "MAIL_FROM",
    unit: "address",
    fallback: null,
    defaultText: "`tickets@` and the host of PUBLIC_URL",
    range: "an address, or `Name <address>`",
    sentence: "Who mails come from.",
    read: mailAddress,
  },
  ...PAYMENT_VARIABLES,
  ...WALLET_VARIABLES,
  trustProxy: {
    name: "TRUST_PROXY",
    unit: "addresses and networks, comma separated",
    fallback: null,
    defaultText: "none",
    range: "IP addresses, CIDR networks, `loopback`, `linklocal`, `uniquelocal`",
    sentence: "The proxies whose X-Forwarded-For, -Host and -Proto are believed.",
    read: proxies,
  },
  rateLimits: {
    name: "RATE_LIMITS",
    unit: "",
    fallback: true,
    range: "on, off",
    sentence:
      "Whether those who ask too often are refused (429). Off for tests, and where a proxy in front does it.",
    read: onOff,
  },
  testClock: {
    name: "TEST_CLOCK",
    unit: "",
    fallback: false,
    range: "1 or on, 0 or off",
    sentence:
      "Adds POST /v1/test-clock, which moves the server's time. Never where tickets are sold.",
    read: onOff,
  },
  logLevel: {
    name: "LOG_LEVEL",
    unit: "",
    fallback: "info",
    range: LOG_LEVELS.join(", "),
    sentence: "The least grave log lines that are written. `error` means that someone must act.",
    read: oneOf<LogLevel>(LOG_LEVELS),
  },
  batchItemsMax: {
    name: "BATCH_ITEMS_MAX",
    unit: "requests",
    fallback: 512,
    range: "1 to 10000",
    sentence: "How many writes of stock go to the database in one statement at most.",
    read: integer(1, 10_000),
  },
  queueItemsMax: {
    name: "QUEUE_ITEMS_MAX",
    unit: "requests",
    fallback: 8192,
    range: "1 to 1000000, not below BATCH_ITEMS_MAX",
    sentence: "How many writes of stock may wait; one more is refused at once with 503.",
    read: integer(1, 1_000_000),
  },
} as const satisfies Record<string, Variable<unknown>>;

/** What the process runs with. Frozen; secrets are in here, so it is never logged. */
export interface Config {
  readonly port: number;
  readonly host: string;
  readonly publicUrl: string;
  /** Null: the embedded database in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly databasePoolMax: number;
  /** A directory, or `memory`. */
  readonly dataDir: string;
  readonly redisUrl: string | null;
  /** The first signs, all are accepted. */
  readonly secretKeys: readonly Buffer[];
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly anonymousEvents: boolean;
  /** Null: until somebody erases them. */
  readonly attendeeRetentionDays: number | null;
  /** Null: there is no mail server. */
  readonly mailUrl: string | null;
  readonly mailFrom: string;
  readonly payments: PaymentConfig;
  readonly wallets: WalletConfig;
  readonly trustProxy: string | null;
  /** Whether those who ask too often are refused. */
  readonly rateLimits: boolean;
  readonly testClock: boolean;
  readonly logLevel: LogLevel;
  readonly batchItemsMax: number;
  readonly queueItemsMax: number;
}

/**
 * The configuration in the environment; an empty variable counts as absent. Embedded without
 * `SECRET_KEY`, makes one in `dataDir` the first time.
 *
 * @throws ConfigError that lists everything that is wrong, not only the first.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const { values, errors } = readVariables(VARIABLES, environment);
  const { port, dataDir, batchItemsMax, queueItemsMax } = values;
  if (queueItemsMax < batchItemsMax) {
    errors.push("QUEUE_ITEMS_MAX must not be below BATCH_ITEMS_MAX: a queue fills a batch.");
  }
  const isGiven = ({ name }: Variable<unknown>) => (environment[name] ?? "").trim() !== "";
  const isEmbedded = !isGiven(VARIABLES.databaseUrl);
  if (!isEmbedded && !isGiven(VARIABLES.secretKeys)) {
    errors.push(
      "SECRET_KEY is required with DATABASE_URL: all processes must sign with the same one. Make one by: openssl rand -hex 32",
    );
  }
  const tls = readTls(values, errors);
  const payments = paymentConfig(values, { testClock: values.testClock, errors });
  const wallets = walletConfig(values, { now: systemClock.now(), errors });
  if (errors.length > 0) throw new ConfigError(errors);
  const publicUrl = values.publicUrl ?? `${tls === null ? "http" : "https"}://localhost:${port}`;
  return Object.freeze({
    port,
    host: values.host,
    publicUrl,
    databaseUrl: values.databaseUrl,
    databasePoolMax: values.databasePoolMax,
    dataDir,
    redisUrl: values.redisUrl,
    secretKeys: values.secretKeys ?? [secretKeyOf(dataDir)],
    tls,
    anonymousEvents: values.anonymousEvents ?? isEmbedded,
    attendeeRetentionDays: values.attendeeRetentionDays,
    mailUrl: values.mailUrl,
    mailFrom: values.mailFrom ?? `tickets@${new URL(publicUrl).hostname}`,
    payments,
    wallets,
    trustProxy: values.trustProxy,
    rateLimits: values.rateLimits,
    testClock: values.testClock,
    logLevel: values.logLevel,
    batchItemsMax,
    queueItemsMax,
  });
}

/** What runs and should not where tickets are sold, and what will soon stop. For the log, at the start. */
export function warningsOf({ payments, testClock, wallets }: Config): readonly string[] {
  return [
    ...(payments.isTest && !testClock
      ? ["TEST_PAYMENTS is on: anyone can have tickets without paying"]
      : []),
    ...walletWarnings(wallets, systemClock.now()),
  ];
}

function secretKeyOf(dataDir: string): Buffer {
  return dataDir === "memory" ? temporarySecretKey() : keepSecretKey(join(dataDir, "secret-key"));
}

function readTls(
  { tlsCertFile, tlsKeyFile }: { tlsCertFile: string | null; tlsKeyFile: string | null },
  errors: string[],
): Config["tls"] {
  if (tlsCertFile === null && tlsKeyFile === null) return null;
  if (tlsCertFile === null || tlsKeyFile === null) {
    errors.push("TLS_CERT_FILE and TLS_KEY_FILE go together: set both or none.");
    return null;
  }
  const cert = readPem("TLS_CERT_FILE", tlsCertFile, errors);
  const key = readPem("TLS_KEY_FILE", tlsKeyFile, errors);
  return { cert, key };
}

function readPem(name: string, path: string, errors: string[]): string {
  try {
    const pem = readFileSync(path, "utf8");
    if (!pem.includes("-----BEGIN ")) errors.push(`${name}: ${path} is not a PEM file.`);
    return pem;
  } catch (error) {
    errors.push(`${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
    return "";
  }
}
