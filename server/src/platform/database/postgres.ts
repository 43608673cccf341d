import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import type { Logger } from "../logger.ts";
import type { Database } from "./database.ts";
import type { DB } from "./generated.ts";
import { ARRAY_ELEMENTS, PARSERS } from "./parsers.ts";

const TEXT_ARRAY = 1009;
const STATEMENT_TIMEOUT_MS = 10_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000;
const CONNECTION_TIMEOUT_MS = 5_000;
const VERSION_MIN = 150_000;
const LISTEN_AGAIN_MS = 1_000;

export interface PostgresOptions {
  readonly url: string;
  readonly poolMax: number;
  readonly log: Pick<Logger, "warn" | "error">;
  /** 0 for none: only migrations and exports may take longer. */
  readonly statementTimeoutMs?: number;
}

/** A PostgreSQL server. Refuses one older than 15. */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolMax,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    statement_timeout: options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    application_name: "tessera",
    options: "-c TimeZone=UTC",
    types: { getTypeParser },
  });
  // A cut connection tells its client, and an unheard 'error' would end the process.
  pool.on("error", (error) => options.log.warn({ error }, "an idle database connection was lost"));
  pool.on("connect", (client) => client.on("error", () => {}));
  try {
    await refuseOldServer(pool);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    embedded: false,
    kysely: new Kysely<DB>({ dialect: new PostgresDialect({ pool }) }),
    prepared: async (name, text, values) =>
      (await pool.query({ name, text, values: [...values] })).rows,
    script: (text) => runScript(pool, text),
    listen: (channel, onMessage, onReconnect) => listen(options, channel, onMessage, onReconnect),
    close: () => pool.end(),
  };
}

async function refuseOldServer(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ version: string; number: string }>(
    "select current_setting('server_version') as version, current_setting('server_version_num') as number",
  );
  const [row] = rows;
  if (Number(row?.number) < VERSION_MIN) {
    throw new Error(`PostgreSQL 15 or newer is needed, the server is ${row?.version}.`);
  }
}

async function runScript(pool: pg.Pool, text: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query("set local statement_timeout = 0");
    await client.query(text);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}

/** Keeps one connection of its own; a lost one is opened again, after a while, as long as it is wanted. */
async function listen(
  options: PostgresOptions,
  channel: string,
  onMessage: (payload: string) => void,
  onReconnect: (() => void) | undefined,
): Promise<() => Promise<void>> {
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;
  let wanted = true;
  const connect = async () => {
    const fresh = new pg.Client({
      connectionString: options.url,
      application_name: "tessera listen",
    });
    fresh.on("notification", (message) => onMessage(message.payload ?? ""));
    fresh.on("error", () => {});
    fresh.once("end", () => {
      if (client === fresh) again();
    });
    await fresh.connect();
    await fresh.query(`listen ${pg.escapeIdentifier(channel)}`);
    client = fresh;
  };
  const again = () => {
    if (!wanted) return;
    options.log.warn({ channel }, "lost the connection that listens, trying again");
    timer = setTimeout(() => {
      connect().then(onReconnect, again);
    }, LISTEN_AGAIN_MS);
  };
  await connect();
  return async () => {
    wanted = false;
    clearTimeout(timer);
    const last = client;
    client = null;
    await last?.end();
  };
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
