import { useState } from "react";

/** The token of a link in a mail: what stands behind its `#`; null where it was cut off. */
export function tokenIn(hash: string): string | null {
  const token = hash.replace(/^#/, "").trim();
  return token === "" ? null : token;
}

/** The token that this page was opened with. */
export function useLinkToken(): string | null {
  const [token] = useState(() => tokenIn(location.hash));
  return token;
}

/** Takes a token that was spent out of the address, and so out of the history. */
export function forgetLinkToken(): void {
  history.replaceState(null, "", location.pathname);
}
