import type { ServerProcess } from "./server-process.ts";

/**
 * What a client sends, with its key and its token.
 * @throws where nobody answers, and for a refusal
 */
export async function post<Body>(
  { url }: ServerProcess,
  path: string,
  body?: unknown,
  { key, token }: { key?: string; token?: string } = {},
): Promise<Body> {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(key !== undefined && { "idempotency-key": key }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${response.status}: ${JSON.stringify(answer)}`);
  return answer as Body;
}
