import type { IncomingMessage } from "node:http";
import { malformedRequest, Problem } from "./problem.ts";

/**
 * Refuses what HTTP lets through and nothing here could mean: control characters in the address,
 * and no Host or several. Null when there is nothing to refuse. Runs for every request.
 */
export function refuseRequest({
  url = "/",
  httpVersion,
  rawHeaders,
}: IncomingMessage): Problem | null {
  if (url.includes("%") && /%(?:[01][0-9a-f]|7f)/i.test(url)) {
    return new Problem(malformedRequest, "The address holds control characters.");
  }
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === 4 && name.toLowerCase() === "host") hosts++;
  }
  if (hosts === 1 || (hosts === 0 && httpVersion === "1.0")) return null;
  return new Problem(malformedRequest, "The header Host is sent once, no more and no less.");
}
