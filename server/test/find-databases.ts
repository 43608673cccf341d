import { connect } from "node:net";
import pg from "pg";

/** A service that tests use when it is there: found, or what is in the way, as words for a person. */
export type Found = { readonly url: string } | { readonly missing: string };

const POSTGRES_OLDEST = 15;
const ANSWER_WITHIN_MS = 3000;

/** The PostgreSQL that tests may create databases and roles on: TEST_POSTGRES_URL, else the one on this machine. */
export async function findPostgres(): Promise<Found> {
  const url = process.env["TEST_POSTGRES_URL"] ?? "postgres://postgres@127.0.0.1:5432/postgres";
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number; may_create: boolean }>(
      `select current_setting('server_version_num')::integer / 10000 as version,
              rolcreatedb and rolcreaterole or rolsuper as may_create
         from pg_roles
        where rolname = current_user`,
    );
    const [{ version, may_create: mayCreate } = { version: 0, may_create: false }] = rows;
    if (version < POSTGRES_OLDEST) return { missing: `PostgreSQL ${version} is too old` };
    return mayCreate
      ? { url }
      : { missing: `the user of ${withoutPassword(url)} may not create databases and roles` };
  } catch (error) {
    return {
      missing: `${withoutPassword(url)}: ${error instanceof Error ? error.message : error}`,
    };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The Redis that tests may write to: TEST_REDIS_URL, else the one on this machine. */
export async function findRedis(): Promise<Found> {
  const url = process.env["TEST_REDIS_URL"] ?? "redis://127.0.0.1:6379";
  const { hostname, port } = new URL(url);
  const answer = await ask(hostname, Number(port || "6379"), "PING\r\n");
  // One that wants a password answers too: whoever names it gives the password in the URL.
  return /^(?:\+PONG|-NOAUTH)/.test(answer) ? { url } : { missing: `${url}: ${answer}` };
}

/** The first bytes a server answers, or why there are none. */
function ask(host: string, port: number, question: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    const finish = (answer: string) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => socket.write(question));
    socket.once("data", (data) => finish(data.toString("latin1")));
    socket.once("close", () => finish("closed without an answer"));
    socket.on("error", (error) => finish(error.message));
  });
}

function withoutPassword(url: string): string {
  return url.replace(/:[^:@/]+@/, "@");
}

/**
 * Why a test that needs PostgreSQL is skipped, or false when there is one. In CI its absence is a failure.
 */
export async function skipWithoutPostgres(): Promise<string | false> {
  return skipped(
    "PostgreSQL 15 or newer at 127.0.0.1:5432 or TEST_POSTGRES_URL",
    await findPostgres(),
  );
}

/** Why a test that needs Redis is skipped, or false when there is one. In CI its absence is a failure. */
export async function skipWithoutRedis(): Promise<string | false> {
  return skipped("a Redis at 127.0.0.1:6379 or TEST_REDIS_URL", await findRedis());
}

function skipped(what: string, found: Found): string | false {
  if ("url" in found) return false;
  const sentence = `needs ${what} (Debian: apt install postgresql redis-server): ${found.missing}`;
  if (process.env["CI"] === "true") throw new Error(sentence);
  return sentence;
}
