import type { KeyObject } from "node:crypto";
import { matching, text } from "#platform/configuration/readers.ts";
import type { Values, Variable } from "#platform/configuration/variables.ts";
import { toRfc3339 } from "#platform/time.ts";
import {
  expiredSentence,
  readCertificate,
  readPrivateKey,
  readServiceAccount,
} from "./wallet-files.ts";

const DAY_MS = 86_400_000;
/** Apple takes a day at most to make another; people take longer. */
const EXPIRY_WARNING_DAYS = 30;

/** What can be set about tickets in wallets. */
export const WALLET_VARIABLES = {
  walletApplePassType: {
    name: "WALLET_APPLE_PASS_TYPE",
    unit: "identifier",
    fallback: null,
    defaultText: "none: no tickets for Apple Wallet",
    range: "such as `pass.org.example.ticket`; together with WALLET_APPLE_TEAM and the three files",
    sentence: "With it tickets can be had for Apple Wallet: docs/operating/wallets.md.",
    read: matching(/^pass\.[A-Za-z0-9.-]{1,100}$/, "an identifier such as pass.org.example.ticket"),
  },
  walletAppleTeam: {
    name: "WALLET_APPLE_TEAM",
    unit: "identifier",
    fallback: null,
    defaultText: "none",
    range: "ten capitals and digits",
    sentence: "The team whose pass type it is, as Apple shows it under Membership.",
    read: matching(/^[A-Z0-9]{10}$/, "ten capitals and digits such as A1B2C3D4E5"),
  },
  walletAppleCertificateFile: {
    name: "WALLET_APPLE_CERTIFICATE_FILE",
    unit: "PEM or DER file",
    fallback: null,
    defaultText: "none",
    range: "readable, not expired, of this pass type and team",
    sentence: "The certificate of the pass type, as Apple gives it.",
    read: text,
  },
  walletAppleKeyFile: {
    name: "WALLET_APPLE_KEY_FILE",
    unit: "PEM file",
    fallback: null,
    defaultText: "none",
    range: "readable; the RSA key of the certificate",
    sentence: "The private key that passes are signed with.",
    read: text,
  },
  walletAppleKeyPassphrase: {
    name: "WALLET_APPLE_KEY_PASSPHRASE",
    unit: "text",
    fallback: null,
    defaultText: "none: the key is not encrypted",
    range: "any",
    sentence: "What the private key is encrypted with.",
    isSecret: true,
    read: text,
  },
  walletAppleWwdrFile: {
    name: "WALLET_APPLE_WWDR_FILE",
    unit: "PEM or DER file",
    fallback: null,
    defaultText: "none",
    range: "readable, not expired; the one that issued the certificate",
    sentence: "Apple's intermediate certificate (Worldwide Developer Relations).",
    read: text,
  },
  walletGoogleIssuer: {
    name: "WALLET_GOOGLE_ISSUER",
    unit: "number",
    fallback: null,
    defaultText: "none: no tickets for Google Wallet",
    range: "up to 20 digits; together with WALLET_GOOGLE_KEY_FILE",
    sentence: "With it tickets can be had for Google Wallet: docs/operating/wallets.md.",
    read: matching(/^\d{1,20}$/, "a number such as 3388000000012345678"),
  },
  walletGoogleKeyFile: {
    name: "WALLET_GOOGLE_KEY_FILE",
    unit: "JSON file",
    fallback: null,
    defaultText: "none",
    range: "readable; the key of a service account that may use the issuer",
    sentence: "The key that links to Google Wallet are signed with, as Google gives it.",
    read: text,
  },
} as const satisfies Record<string, Variable<unknown>>;

/** Which wallets tickets can be had for. Frozen; keys are in here, so it is never logged. */
export interface WalletConfig {
  /** Null: not for Apple's. */
  readonly apple: {
    readonly passType: string;
    readonly team: string;
    /** Whose certificate it is; null: it does not say. */
    readonly organization: string | null;
    /** PEM, as all of these; the key is not encrypted any more. */
    readonly certificate: string;
    readonly key: string;
    readonly wwdr: string;
    /** When the earlier of the two certificates ends. */
    readonly endsAt: number;
  } | null;
  /** Null: not for Google's. */
  readonly google: {
    readonly issuer: string;
    /** The address of the service account. */
    readonly account: string;
    readonly key: KeyObject;
  } | null;
}

/** The part of the configuration that is about wallets, as far as `errors` says that it is one. */
export function walletConfig(
  values: Values<typeof WALLET_VARIABLES>,
  { now, errors }: { readonly now: number; readonly errors: string[] },
): WalletConfig {
  return Object.freeze({
    apple: appleConfig(values, now, errors),
    google: googleConfig(values, errors),
  });
}

/** What will soon stop: a sentence or none. */
export function walletWarnings({ apple }: WalletConfig, now: number): readonly string[] {
  if (apple === null || apple.endsAt - now > EXPIRY_WARNING_DAYS * DAY_MS) return [];
  return [
    `tickets can be had for Apple Wallet until ${toRfc3339(apple.endsAt)}, when a certificate ends: docs/operating/wallets.md`,
  ];
}

function appleConfig(
  values: Values<typeof WALLET_VARIABLES>,
  now: number,
  errors: string[],
): WalletConfig["apple"] {
  const given = [
    values.walletApplePassType,
    values.walletAppleTeam,
    values.walletAppleCertificateFile,
    values.walletAppleKeyFile,
    values.walletAppleWwdrFile,
  ] as const;
  const passphrase = values.walletAppleKeyPassphrase;
  if ([...given, passphrase].every((value) => value === null)) return null;
  const [passType, team, certificateFile, keyFile, wwdrFile] = given;
  if (!passType || !team || !certificateFile || !keyFile || !wwdrFile) {
    const sentence =
      "WALLET_APPLE_PASS_TYPE, _TEAM, _CERTIFICATE_FILE, _KEY_FILE and _WWDR_FILE go together: set all, or none to do without Apple Wallet.";
    if (isAllReadable("WALLET_APPLE_", errors)) errors.push(sentence);
    return null;
  }
  const certificate = readCertificate("WALLET_APPLE_CERTIFICATE_FILE", certificateFile, errors);
  const wwdr = readCertificate("WALLET_APPLE_WWDR_FILE", wwdrFile, errors);
  const key = readPrivateKey("WALLET_APPLE_KEY_FILE", { file: keyFile, passphrase }, errors);
  if (certificate === null || wwdr === null || key === null) return null;
  const { UID, OU, O } = certificate.toLegacyObject().subject as Record<string, string | undefined>;
  if (!certificate.checkPrivateKey(key)) {
    errors.push("WALLET_APPLE_KEY_FILE is not the key of WALLET_APPLE_CERTIFICATE_FILE.");
  }
  if (!certificate.checkIssued(wwdr) || !certificate.verify(wwdr.publicKey)) {
    errors.push(
      `WALLET_APPLE_WWDR_FILE did not issue WALLET_APPLE_CERTIFICATE_FILE: that was ${oneLine(certificate.issuer)}.`,
    );
  }
  // Wallet refuses such a pass and says nothing about why.
  if (UID !== passType) errors.push(mismatch("PASS_TYPE", "UID", UID));
  if (OU !== team) errors.push(mismatch("TEAM", "OU", OU));
  errors.push(
    ...expiredSentence("WALLET_APPLE_CERTIFICATE_FILE", certificate, now),
    ...expiredSentence("WALLET_APPLE_WWDR_FILE", wwdr, now),
  );
  return Object.freeze({
    passType,
    team,
    organization: O ?? null,
    certificate: certificate.toString(),
    key: key.export({ type: "pkcs1", format: "pem" }) as string,
    wwdr: wwdr.toString(),
    endsAt: Math.min(Date.parse(certificate.validTo), Date.parse(wwdr.validTo)),
  });
}

function googleConfig(
  { walletGoogleIssuer: issuer, walletGoogleKeyFile: file }: Values<typeof WALLET_VARIABLES>,
  errors: string[],
): WalletConfig["google"] {
  if (issuer === null && file === null) return null;
  if (issuer === null || file === null) {
    const sentence =
      "WALLET_GOOGLE_ISSUER and WALLET_GOOGLE_KEY_FILE go together: set both, or none to do without Google Wallet.";
    if (isAllReadable("WALLET_GOOGLE_", errors)) errors.push(sentence);
    return null;
  }
  const account = readServiceAccount("WALLET_GOOGLE_KEY_FILE", file, errors);
  return account === null ? null : Object.freeze({ issuer, ...account });
}

/** Otherwise what is missing is there, and something else was said of it. */
function isAllReadable(prefix: string, errors: readonly string[]): boolean {
  return !errors.some((error) => error.startsWith(prefix));
}

function mismatch(variable: string, part: string, found: string | undefined): string {
  return `WALLET_APPLE_${variable} must be what WALLET_APPLE_CERTIFICATE_FILE was made for: its ${part} is ${JSON.stringify(found ?? "")}.`;
}

function oneLine(name: string): string {
  return name.replaceAll("\n", ", ");
}
