import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { toRfc3339 } from "#platform/time.ts";

/** The certificate in a file, PEM or DER; null and a sentence among the errors where there is none. */
export function readCertificate(
  variable: string,
  file: string,
  errors: string[],
): X509Certificate | null {
  const content = read(variable, file, errors);
  if (content === null) return null;
  try {
    return new X509Certificate(content);
  } catch {
    errors.push(`${variable}: ${file} is not a certificate.`);
    return null;
  }
}

/** The RSA key in a file; null and a sentence among the errors where there is none. */
export function readPrivateKey(
  variable: string,
  { file, passphrase }: { readonly file: string; readonly passphrase: string | null },
  errors: string[],
): KeyObject | null {
  const content = read(variable, file, errors);
  return content === null
    ? null
    : rsaKey(content.toString("latin1"), { named: `${variable}: ${file}`, passphrase, errors });
}

/** The account in a key file of Google's; null and a sentence among the errors where there is none. */
export function readServiceAccount(
  variable: string,
  file: string,
  errors: string[],
): { readonly account: string; readonly key: KeyObject } | null {
  const content = read(variable, file, errors);
  if (content === null) return null;
  const { type, client_email: account, private_key: pem } = jsonObject(content.toString("utf8"));
  if (type !== "service_account" || typeof account !== "string" || typeof pem !== "string") {
    errors.push(`${variable}: ${file} is not the JSON key of a service account.`);
    return null;
  }
  const named = `${variable}: the private_key in ${file}`;
  const key = rsaKey(pem, { named, passphrase: null, errors });
  return key === null ? null : { account, key };
}

/** What is to be said of a certificate that is not valid now: a sentence or none. */
export function expiredSentence(
  variable: string,
  { validFrom, validTo }: X509Certificate,
  now: number,
): readonly string[] {
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  if (now >= to) return [`${variable}: the certificate ended on ${toRfc3339(to)}.`];
  if (now < from) return [`${variable}: the certificate begins on ${toRfc3339(from)}.`];
  return [];
}

function rsaKey(
  pem: string,
  given: { readonly named: string; readonly passphrase: string | null; readonly errors: string[] },
): KeyObject | null {
  const { named, passphrase, errors } = given;
  try {
    const key = createPrivateKey({ key: pem, ...(passphrase !== null && { passphrase }) });
    if (key.asymmetricKeyType === "rsa") return key;
    errors.push(`${named} is not an RSA key.`);
  } catch {
    // Which error there is for an encrypted key depends on its form; that it is encrypted, its text says.
    const isEncrypted = pem.includes("ENCRYPTED");
    if (!isEncrypted) errors.push(`${named} is not a private key as PEM.`);
    else if (passphrase !== null) errors.push(`${named} is encrypted with another passphrase.`);
    else errors.push(`${named} is encrypted: WALLET_APPLE_KEY_PASSPHRASE is needed.`);
  }
  return null;
}

function read(variable: string, file: string, errors: string[]): Buffer | null {
  try {
    return readFileSync(file);
  } catch (error) {
    errors.push(`${variable}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
    return null;
  }
}

/** Empty where the text is no JSON object. */
function jsonObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
