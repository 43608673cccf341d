import { isIP } from "node:net";

/** The configuration is not one the process can run with. Its message lists everything. */
export class ConfigError extends Error {
  readonly errors: readonly string[];

  constructor(errors: readonly string[]) {
    super(
      `The configuration has ${errors.length === 1 ? "an error" : `${errors.length} errors`}:\n${errors
        .map((error) => `  - ${error}`)
        .join("\n")}\nEach variable is explained in docs/operating/configuration.md.`,
    );
    this.name = "ConfigError";
    this.errors = errors;
  }
}

/** A text that a variable cannot be. The message goes on after "must be". */
export class Unreadable extends Error {}

const SECRET_KEY_BYTES_MIN = 32;

export function text(given: string): string {
  return given;
}

export function integer(min: number, max: number): (given: string) => number {
  return (given) => {
    const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
    if (!(value >= min && value <= max)) {
      throw new Unreadable(`a whole number from ${min} to ${max}`);
    }
    return value;
  };
}

export function oneOf<Word extends string>(words: readonly Word[]): (given: string) => Word {
  return (given) => {
    const word = words.find((candidate) => candidate === given.toLowerCase());
    if (word === undefined) throw new Unreadable(`one of ${words.join(", ")}`);
    return word;
  };
}

export function onOff(given: string): boolean {
  const word = given.toLowerCase();
  if (["on", "1", "true"].includes(word)) return true;
  if (["off", "0", "false"].includes(word)) return false;
  throw new Unreadable("on or off");
}

/** `https://tickets.example.org`: no path, no slash at the end. */
export function httpOrigin(given: string): string {
  const url = URL.parse(given);
  const isOrigin =
    url !== null &&
    ["http:", "https:"].includes(url.protocol) &&
    url.pathname === "/" &&
    `${url.search}${url.hash}${url.username}${url.password}` === "";
  if (!isOrigin) throw new Unreadable("an address such as https://tickets.example.org");
  return url.origin;
}

export function postgresUrl(given: string): string {
  const protocol = URL.parse(given)?.protocol;
  if (protocol !== "postgres:" && protocol !== "postgresql:") {
    throw new Unreadable("an address such as postgres://user:password@host:5432/tessera");
  }
  return given;
}

/** Whoever reaches an open Redis can read and tell what they like: one without a password must be local. */
export function redisUrl(given: string): string {
  const url = URL.parse(given);
  if (url === null || (url.protocol !== "redis:" && url.protocol !== "rediss:")) {
    throw new Unreadable("an address such as redis://:password@host:6379");
  }
  const isLocal = /^(127\.|localhost$|\[::1\]$)/.test(url.hostname);
  if (!isLocal && url.password === "") {
    throw new Unreadable(
      "the address of a Redis on this machine, or have a password: redis://:password@host:6379",
    );
  }
  return given;
}

/** `smtp://user:password@host:587`, or `smtps://`. */
export function mailUrl(given: string): string {
  const url = URL.parse(given);
  if (url === null || !["smtp:", "smtps:"].includes(url.protocol) || url.hostname === "") {
    throw new Unreadable("an address such as smtps://user:password@mail.example.org:465");
  }
  return given;
}

/** `Name <address>`, or the address alone. */
export function mailAddress(given: string): string {
  if (!/^(?:[^<>\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/.test(given)) {
    throw new Unreadable("an address such as Tickets <tickets@example.org>");
  }
  return given;
}

/** Keys, comma separated, each as hex or base64url. */
export function secretKeys(given: string): readonly Buffer[] {
  return given.split(",").map((part) => {
    const key = part.trim();
    const isHex = /^(?:[0-9a-f]{2})+$/i.test(key) && key.length >= 2 * SECRET_KEY_BYTES_MIN;
    const isBase64url = /^[A-Za-z0-9_-]+={0,2}$/.test(key);
    const bytes = Buffer.from(key, isHex ? "hex" : "base64url");
    const isGuessable = new Set(bytes).size < SECRET_KEY_BYTES_MIN / 4;
    if ((!isHex && !isBase64url) || bytes.length < SECRET_KEY_BYTES_MIN || isGuessable) {
      throw new Unreadable(
        `keys of at least ${SECRET_KEY_BYTES_MIN} random bytes each, as hex or base64url. Make one by: openssl rand -hex 32`,
      );
    }
    return bytes;
  });
}

/** A key that somebody else made: whatever can be sent in a header. */
export function secretText(given: string): string {
  if (!/^[\x21-\x7e]+$/.test(given)) throw new Unreadable("one word, as it was given to you");
  return given;
}

/** The same, several, comma separated. */
export function secretTexts(given: string): readonly [string, ...string[]] {
  const [first = "", ...others] = given.split(",").map((part) => part.trim());
  return [secretText(first), ...others.map(secretText)];
}

/** What has this form; `example` says so. */
export function matching(form: RegExp, example: string): (given: string) => string {
  return (given) => {
    if (!form.test(given)) throw new Unreadable(example);
    return given;
  };
}

/** Addresses, networks and the three names of networks, comma separated. */
export function proxies(given: string): string {
  const parts = given.split(",").map((part) => part.trim());
  for (const part of parts) {
    const [address = "", bits, ...rest] = part.split("/");
    const version = isIP(address);
    const isNetwork =
      version !== 0 &&
      rest.length === 0 &&
      (bits === undefined ||
        (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)));
    if (!isNetwork && !["loopback", "linklocal", "uniquelocal"].includes(part)) {
      throw new Unreadable("addresses or networks such as 10.0.0.0/8, or loopback");
    }
  }
  return parts.join(",");
}
