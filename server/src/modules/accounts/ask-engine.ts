import type { FastifyRequest } from "fastify";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import type { Later } from "#platform/jobs/later.ts";
import type { Engine, EngineOptions } from "./engine.ts";
import type { Passwords } from "./passwords.ts";
import { translated } from "./refusals.ts";
import type { SessionCookie } from "./session-cookie.ts";
import type { Sessions } from "./sessions.ts";

/** What the operations of this module work with. */
export interface AccountsContext {
  readonly database: Database;
  readonly clock: Clock;
  /** Loads the engine the first time. */
  readonly engine: () => Promise<Engine>;
  readonly passwords: Passwords;
  readonly cookie: SessionCookie;
  readonly sessions: Sessions;
  readonly mails: EngineOptions["mails"];
  readonly later: Later;
}

/** What the engine is told of a request. */
export type EngineHeaders = Headers;

const USER_AGENT_LENGTH_MAX = 300;

/** The request's cookies, and which browser sent them. */
export function engineHeaders({ headers }: FastifyRequest): EngineHeaders {
  const told = new Headers();
  if (headers.cookie !== undefined) told.set("cookie", firstOfEach(headers.cookie));
  const userAgent = headers["user-agent"]?.slice(0, USER_AGENT_LENGTH_MAX);
  if (userAgent !== undefined) told.set("user-agent", userAgent);
  return told;
}

/** Of several cookies of one name the first counts, here as in `session-cookie.ts`. */
function firstOfEach(cookies: string): string {
  const pairs = new Map<string, string>();
  for (const pair of cookies.split(/;\s*/)) {
    const [name = ""] = pair.split("=", 1);
    if (!pairs.has(name)) pairs.set(name, pair);
  }
  return [...pairs.values()].join("; ");
}

export interface EngineAnswer<Body> {
  readonly body: Body;
  /** `Set-Cookie`, the last one of each name. */
  readonly cookies: readonly string[];
}

/**
 * What the engine answers.
 *
 * @throws its refusals as problems of ours.
 */
export async function askEngine<Body>(
  ask: () => Promise<{ readonly headers?: Headers | null; readonly response: Body }>,
): Promise<EngineAnswer<Body>> {
  try {
    const { headers, response } = await ask();
    const cookies = new Map(
      (headers?.getSetCookie() ?? []).map((cookie) => [cookie.split("=", 1)[0] ?? "", cookie]),
    );
    return { body: response, cookies: [...cookies.values()] };
  } catch (error) {
    throw translated(error);
  }
}
