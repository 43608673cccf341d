import { createHmac, hash, timingSafeEqual } from "node:crypto";

/** The cookie that stands for a session: its token, signed. */
export interface SessionCookie {
  /** What all cookies of this module begin with. With TLS, browsers bind such ones to this very host. */
  readonly prefix: string;
  readonly name: string;
  readonly isSecure: boolean;
  /** The session's token, or null where the cookie is missing, or not signed by us. Asks no database. */
  tokenIn(cookies: string): string | null;
  /** The `Set-Cookie` that takes it away. */
  readonly cleared: string;
}

/** `secret` is the one the engine signs with. */
export function createSessionCookie(publicUrl: string, secret: string): SessionCookie {
  const isSecure = publicUrl.startsWith("https:");
  const prefix = isSecure ? "__Host-tessera" : "tessera";
  const name = `${prefix}.session_token`;
  return {
    prefix,
    name,
    isSecure,
    tokenIn: (cookies) => {
      const value = cookieValue(cookies, name);
      if (value === null) return null;
      const dot = value.lastIndexOf(".");
      const token = value.slice(0, dot);
      // Compared as it is spelled: base64 that decodes to the same is not what we gave.
      const expected = Buffer.from(createHmac("sha256", secret).update(token).digest("base64"));
      const given = Buffer.from(value.slice(dot + 1));
      return given.length === expected.length && timingSafeEqual(given, expected) ? token : null;
    },
    cleared: `${name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`,
  };
}

/** What is stored of a session's token: whoever reads the table cannot log in with it. */
export function digestOf(token: string): string {
  return hash("sha256", token, "base64url");
}

/** The cookies without one of them. */
export function withoutCookie(cookies: string, name: string): string {
  return cookies
    .split(/;\s*/)
    .filter((pair) => !pair.startsWith(`${name}=`))
    .join("; ");
}

function cookieValue(cookies: string, name: string): string | null {
  for (const pair of cookies.split(";")) {
    const [key, ...rest] = pair.trim().split("=");
    if (key !== name) continue;
    try {
      return decodeURIComponent(rest.join("="));
    } catch {
      return null;
    }
  }
  return null;
}
