import type { Socket } from "node:net";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import type { Logger } from "../logger.ts";
import type { Database } from "./database.ts";
import { codeOf } from "./faults.ts";
import type { DB } from "./generated.ts";
import { ARRAY_ELEMENTS, PARSERS } from "./parsers.ts";
import { createPostgresListener } from "./postgres-listener.ts";

const TEXT_ARRAY = 1009;
const STATEMENT_TIMEOUT_MS = 10_000;
const CONNECTION_TIMEOUT_MS = 5_000;
const VERSION_MIN = 150_000;

/** Whatever the server or the role is set to: what the parsers read. */
const SESSION = `
  set timezone = 'UTC';
  set datestyle = 'ISO';
  set intervalstyle = 'postgres';
  set bytea_output = 'hex'`;

export interface PostgresOptions {
  readonly url: string;
  readonly poolMax: number;
  readonly log: Pick<Logger, "warn" | "error">;
  /**
   * How long a statement may take, 10 seconds if not given; 0 for as long as it wants, as an export
   * does. A transaction may be idle half as long again. A server that is silent for twice as long
   * is gone: whoever waits for it is told.
   */
  readonly statementTimeoutMs?: number;
}

/**
 * A PostgreSQL server. Every wait for it has an end, and none of its ends is the end of this process.
 * @throws with a sentence when it cannot be reached, is older than 15, or does not keep UTF-8
 */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const { url, log, statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
  const connection = {
    connectionString: url,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    keepAlive: true,
  };
  const pool = new pg.Pool({
    ...connection,
    application_name: "tessera",
    max: options.poolMax,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs * 1.5,
    types: { getTypeParser },
    onConnect: async (client) => {
      // A cut connection tells its client, and an unheard 'error' would end the process.
      client.on("error", () => undefined);
      if (statementTimeoutMs > 0) endSilence(client, statementTimeoutMs * 2);
      await client.query(SESSION);
    },
  });
  pool.on("error", (error) => log.warn({ error }, "an idle database connection was lost"));
  const listener = createPostgresListener(
    { ...connection, application_name: "tessera listen" },
    log,
  );
  try {
    await checkServer(pool, log);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    embedded: false,
    isElsewhere: true,
    kysely: new Kysely<DB>({ dialect: new PostgresDialect({ pool }) }),
    prepared: (name, text, values) => sendPrepared(pool, { name, text, values: [...values] }),
    script: (text) => runScript(connection, text),
    listen: listener.listen,
    close: async () => {
      await listener.close();
      await pool.end();
    },
  };
}

/** A server that vanished, or a network that swallows what is sent, answers nothing at all. */
function endSilence(client: pg.ClientBase, silenceMs: number): void {
  const { connection } = client as unknown as { connection: { stream: Socket } };
  connection.stream.setTimeout(silenceMs, () => {
    connection.stream.destroy(new Error("Connection terminated: the server was silent"));
  });
}

async function checkServer(pool: pg.Pool, log: PostgresOptions["log"]): Promise<void> {
  const { rows } = await pool
    .query<{ version: string; number: number; encoding: string; durable: boolean }>(`
      select current_setting('server_version') as version,
             current_setting('server_version_num')::integer as number,
             current_setting('server_encoding') as encoding,
             current_setting('fsync') = 'on' and current_setting('synchronous_commit') <> 'off' as durable`)
    .catch((cause: Error) => {
      throw new Error(`PostgreSQL cannot be reached: ${cause.message || codeOf(cause)}`, { cause });
    });
  const [server] = rows;
  if (server === undefined || server.number < VERSION_MIN) {
    throw new Error(`PostgreSQL 15 or newer is needed, the server is ${server?.version}.`);
  }
  if (server.encoding !== "UTF8") {
    throw new Error(`The database must be in UTF8, it is in ${server.encoding}. Create another.`);
  }
  if (!server.durable) {
    log.warn(
      {},
      "PostgreSQL is set up to lose commits in a crash: fsync or synchronous_commit is off",
    );
  }
}

/** Unlike pool.query, keeps the connection after a statement that the server refused. */
async function sendPrepared<Row>(pool: pg.Pool, query: pg.QueryConfig): Promise<Row[]> {
  const client = await pool.connect();
  let lost: Error | undefined;
  try {
    const { rows } = await client.query(query);
    return rows as Row[];
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) lost = error as Error;
    throw error;
  } finally {
    client.release(lost);
  }
}

/** On a connection of its own: a migration may take long. */
async function runScript(connection: pg.ClientConfig, text: string): Promise<void> {
  const client = new pg.Client({ ...connection, application_name: "tessera script" });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query(SESSION);
    await client.query("begin");
    await client.query(text);
    await client.query("commit");
  } finally {
    // Ends the transaction, too, where it was not committed.
    await client.end();
  }
}

function getTypeParser(oid: number, format?: string): unknown {
  if (format === "binary") return pg.types.getTypeParser(oid, "binary");
  const own = PARSERS[oid];
  if (own !== undefined) return own;
  const element = ARRAY_ELEMENTS[oid];
  const parseElement = element === undefined ? undefined : PARSERS[element];
  if (parseElement === undefined) return pg.types.getTypeParser(oid);
  const parseTexts = pg.types.getTypeParser(TEXT_ARRAY as never) as unknown as (
    text: string,
  ) => (string | null)[];
  return (text: string) =>
    parseTexts(text).map((value) => (value === null ? null : parseElement(value)));
}
