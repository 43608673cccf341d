import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "#src/config.ts";
import type { WalletConfig } from "#src/wallet-variables.ts";

export const PASS_TYPE = "pass.org.example.ticket";
export const TEAM = "A1B2C3D4E5";
export const ORGANIZATION = "Example Museum";
export const PASSPHRASE = "a passphrase of tests";
export const GOOGLE_ISSUER = "3388000000012345678";
export const GOOGLE_ACCOUNT = "tickets@example-project.iam.gserviceaccount.com";

/** What wallets are configured with, made by ourselves with openssl: Apple's authority, a certificate by it, an account. */
export interface WalletFiles {
  /** Removed when the process ends. */
  readonly directory: string;
  /** Which files stand for what; all of it is good. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Takes about a second: once a test file. */
export function makeWalletFiles(): WalletFiles {
  const directory = mkdtempSync(join(tmpdir(), "tessera-wallets-"));
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  const openssl = (line: string, ...more: readonly string[]) =>
    execFileSync("openssl", [...line.split(" "), ...more], { cwd: directory, stdio: "pipe" });
  const subject = `/UID=${PASS_TYPE}/CN=Pass Type ID: ${PASS_TYPE}/OU=${TEAM}/O=${ORGANIZATION}/C=CZ`;
  const key = `-newkey rsa:2048 -keyout`;
  openssl(`req -x509 ${key} wwdr.key -nodes -out wwdr.pem -days 3650 -subj`, "/CN=Authority");
  openssl(
    `req -new ${key} pass.key -out pass.csr -passout`,
    `pass:${PASSPHRASE}`,
    "-subj",
    subject,
  );
  openssl(
    "x509 -req -in pass.csr -CA wwdr.pem -CAkey wwdr.key -CAcreateserial -out pass.pem -days 400",
  );
  openssl("x509 -in wwdr.pem -outform DER -out wwdr.cer");
  openssl("ecparam -name prime256v1 -genkey -noout -out ec.key");
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const account = {
    type: "service_account",
    project_id: "example-project",
    private_key_id: "0123456789abcdef",
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
    client_email: GOOGLE_ACCOUNT,
  };
  writeFileSync(join(directory, "google.json"), JSON.stringify(account));
  writeFileSync(join(directory, "google.pub"), publicKey.export({ type: "spki", format: "pem" }));
  return {
    directory,
    environment: {
      WALLET_APPLE_PASS_TYPE: PASS_TYPE,
      WALLET_APPLE_TEAM: TEAM,
      WALLET_APPLE_CERTIFICATE_FILE: join(directory, "pass.pem"),
      WALLET_APPLE_KEY_FILE: join(directory, "pass.key"),
      WALLET_APPLE_KEY_PASSPHRASE: PASSPHRASE,
      WALLET_APPLE_WWDR_FILE: join(directory, "wwdr.cer"),
      WALLET_GOOGLE_ISSUER: GOOGLE_ISSUER,
      WALLET_GOOGLE_KEY_FILE: join(directory, "google.json"),
    },
  };
}

/** The same as a server is given it. */
export function readWallets({ environment }: WalletFiles): {
  readonly [Wallet in keyof WalletConfig]: NonNullable<WalletConfig[Wallet]>;
} {
  const { apple, google } = readConfig({ DATA_DIR: "memory", ...environment }).wallets;
  assert.ok(apple !== null && google !== null);
  return { apple, google };
}
