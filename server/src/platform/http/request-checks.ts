import type { IncomingMessage } from "node:http";
import { malformedRequest, Problem } from "./problem.ts";

/**
 * Refuses what HTTP lets through and nothing here could mean: control characters in the address,
 * and two Host headers. Null when there is nothing to refuse. Runs for every request.
 */
export function refuseRequest({ url = "/", rawHeaders }: IncomingMessage): Problem | null {
  if (url.includes("%") && /%(?:[01][0-9a-f]|7f)/i.test(url)) {
    return new Problem(malformedRequest, "The address holds control characters.");
  }
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === 4 && name.toLowerCase() === "host") hosts++;
  }
  return hosts > 1 ? new Problem(malformedRequest, "The header Host may be sent once.") : null;
}
