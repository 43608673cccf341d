import { sql } from "kysely";
import { assert } from "../assert.ts";
import type { Clock } from "../clock.ts";
import { type Database, inTransaction, type Transaction } from "../database/database.ts";
import { databaseNow } from "../database/database-now.ts";
import { codeOf } from "../database/faults.ts";
import { uuidOfText } from "../id.ts";
import { principalOf, scopeOf } from "./authentication.ts";
import { bodyTextOf } from "./json-body.ts";
import {
  idempotencyInProgress,
  idempotencyKeyReused,
  malformedRequest,
  Problem,
  type ProblemMembers,
  problemTypes,
} from "./problem.ts";

/** What makes a request recognisable when it is sent again. Both are UUIDs. */
export interface IdempotencyKey {
  /** From the caller and the key they sent: no two callers share one. */
  readonly key: string;
  /** From method, path and body: tells a repeat from another request under the same key. */
  readonly fingerprint: string;
}

const HEADER = "idempotency-key";
/** How long an answer is kept. The promise is 24 hours. */
export const ANSWERS_KEPT_HOURS = 48;
const ANSWERS_FORGOTTEN_AT_ONCE_MAX = 5_000;
/** SQLSTATE of a statement that waited longer than it may. */
const STATEMENT_TIMED_OUT = "57014";

interface IncomingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly raw: { readonly rawHeaders: readonly string[] };
}

/**
 * The idempotency key of a request, or null when it sends none.
 *
 * @throws `malformed_request` when it is not 1 to 255 printable ASCII characters sent once.
 */
export function idempotencyKeyOf(request: IncomingRequest): IdempotencyKey | null {
  const key = request.headers[HEADER];
  if (key === undefined) return null;
  if (typeof key !== "string" || !/^[\x20-\x7e]{1,255}$/.test(key) || isSentTwice(request)) {
    throw new Problem(
      malformedRequest,
      "The header Idempotency-Key is 1 to 255 printable ASCII characters and is sent once.",
    );
  }
  const path = request.url.split("?", 1)[0];
  return {
    key: uuidOfText(`${scopeOf(principalOf(request))}\0${key}`),
    fingerprint: uuidOfText(`${request.method} ${path}\0${bodyTextOf(request)}`),
  };
}

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

export interface WorkToAnswer<Body, Sealed> {
  /** Does the work and says its answer. Refuses by throwing a `Problem`. */
  readonly work: (transaction: Transaction) => Promise<Answer<Body>>;
  /** The body as it may be stored: without secrets. Left out: as it is. */
  readonly seal?: ((body: Body) => Sealed) | undefined;
  /** The body again, from what was stored. Required beside `seal`. */
  readonly unseal?: ((sealed: Sealed) => Body) | undefined;
}

interface Reply {
  code(status: number): unknown;
  header(name: string, value: string): unknown;
}

interface StoredAnswer {
  fingerprint: string;
  status: number;
  answer: unknown;
}

/** A stored refusal: enough to throw it again. */
interface StoredRefusal {
  code: string;
  detail: string;
  members: ProblemMembers;
}

/**
 * Runs `work` in one transaction with the record of its answer, sets the reply's status and gives
 * the body to send. The same request again under the same key gets the stored answer, marked
 * `Idempotent-Replayed`; while the first is still running it waits for it.
 *
 * A refusal that the state of things decides (409, 410) is an answer and is stored. Every other
 * refusal or fault stores nothing: the key is free again.
 *
 * @throws `idempotency_key_reused` when the key was used for another request.
 */
export async function answerOnce<Body, Sealed = Body>(
  { database, clock }: { readonly database: Database; readonly clock: Clock },
  request: IncomingRequest,
  reply: Reply,
  { work, seal, unseal }: WorkToAnswer<Body, Sealed>,
): Promise<Body> {
  const idempotency = idempotencyKeyOf(request);
  if (idempotency === null) {
    const { status, body } = await inTransaction(database, work);
    reply.code(status);
    return body;
  }
  const outcome = await inTurn(database, idempotency.key, () =>
    inTransaction(database, async (transaction) => {
      const stored = await claim(transaction, idempotency, clock);
      if (stored !== null) return { replayed: stored };
      return { answered: await answerAndRecord(transaction, idempotency.key, { work, seal }) };
    }),
  );
  if (outcome.answered !== undefined) {
    if (outcome.answered instanceof Problem) throw outcome.answered;
    reply.code(outcome.answered.status);
    return outcome.answered.body;
  }
  const { fingerprint, status, answer } = outcome.replayed;
  if (fingerprint !== idempotency.fingerprint) {
    throw new Problem(
      idempotencyKeyReused,
      "This Idempotency-Key was sent with another request. Use a fresh key for each new request.",
    );
  }
  reply.header("idempotent-replayed", "true");
  if (status >= 400) throw refusalAgain(answer as StoredRefusal);
  reply.code(status);
  if (unseal !== undefined) return unseal(answer as Sealed);
  return (answer ?? undefined) as Body;
}

const turns = new WeakMap<Database, Map<string, Promise<unknown>>>();

/**
 * One after the other for each key of this process. Repeats wait here and not in the database, where
 * each would hold a connection that the first may need to finish.
 */
async function inTurn<Result>(
  database: Database,
  key: string,
  run: () => Promise<Result>,
): Promise<Result> {
  const waiting = turns.get(database) ?? new Map<string, Promise<unknown>>();
  turns.set(database, waiting);
  const previous = waiting.get(key);
  const mine = previous === undefined ? run() : previous.then(run, run);
  waiting.set(key, mine);
  try {
    return await mine;
  } finally {
    if (waiting.get(key) === mine) waiting.delete(key);
  }
}

/** Deletes the answers that are past their time, a bounded number at once. Returns how many. */
export async function forgetOldAnswers(database: Database, clock: Clock): Promise<number> {
  let forgotten = 0;
  for (;;) {
    const { rows } = await sql`
      delete
        from platform.idempotency
       where ctid = any(array(
               select ctid
                 from platform.idempotency
                where at < ${databaseNow(clock)} - make_interval(hours => ${ANSWERS_KEPT_HOURS})
                limit ${ANSWERS_FORGOTTEN_AT_ONCE_MAX}
             ))
      returning 1
    `.execute(database.kysely);
    forgotten += rows.length;
    if (rows.length < ANSWERS_FORGOTTEN_AT_ONCE_MAX) return forgotten;
  }
}

/**
 * Takes the key, or gives the answer that is stored under it. Whoever comes second waits here,
 * on the unique index, until the first has committed or given up.
 */
async function claim(
  transaction: Transaction,
  { key, fingerprint }: IdempotencyKey,
  clock: Clock,
): Promise<StoredAnswer | null> {
  const { rows: taken } = await insert(transaction, { key, fingerprint }, clock);
  if (taken.length === 1) return null;
  const { rows } = await sql<StoredAnswer>`
    select fingerprint, status, answer
      from platform.idempotency
     where key = ${key}
  `.execute(transaction);
  const [stored] = rows;
  assert(stored !== undefined, "an answer that is in the way is there to be read");
  return stored;
}

async function insert(
  transaction: Transaction,
  { key, fingerprint }: IdempotencyKey,
  clock: Clock,
): Promise<{ readonly rows: readonly unknown[] }> {
  try {
    // The status is a place holder until the answer is known; no other transaction sees it.
    return await sql`
      insert into platform.idempotency (key, fingerprint, at, status)
      values (${key}, ${fingerprint}, ${databaseNow(clock)}, 0)
          on conflict (key) do nothing
      returning key
    `.execute(transaction);
  } catch (error) {
    if (codeOf(error) !== STATEMENT_TIMED_OUT) throw error;
    throw new Problem(
      idempotencyInProgress,
      "The first request with this Idempotency-Key is still running. Send it again in a moment.",
      {},
      1,
    );
  }
}

async function answerAndRecord<Body, Sealed>(
  transaction: Transaction,
  key: string,
  { work, seal }: WorkToAnswer<Body, Sealed>,
): Promise<Answer<Body> | Problem> {
  await sql`savepoint before_work`.execute(transaction);
  try {
    const answer = await work(transaction);
    await record(transaction, key, answer.status, seal ? seal(answer.body) : answer.body);
    return answer;
  } catch (error) {
    if (!(error instanceof Problem) || !isDecidedByState(error)) throw error;
    await sql`rollback to savepoint before_work`.execute(transaction);
    const refusal = { code: error.type.code, detail: error.message, members: error.members };
    await record(transaction, key, error.type.status, refusal);
    return error;
  }
}

async function record(
  transaction: Transaction,
  key: string,
  status: number,
  answer: unknown,
): Promise<void> {
  await sql`
    update platform.idempotency
       set status = ${status},
           answer = ${JSON.stringify(answer ?? null)}::jsonb
     where key = ${key}
  `.execute(transaction);
}

function isDecidedByState({ type }: Problem): boolean {
  return type.status === 409 || type.status === 410;
}

function refusalAgain({ code, detail, members }: StoredRefusal): Problem {
  const type = problemTypes().find((candidate) => candidate.code === code);
  assert(type !== undefined, "a stored refusal is of a kind that is still declared");
  return new Problem(type, detail, members);
}

function isSentTwice({ raw: { rawHeaders } }: IncomingRequest): boolean {
  // Node joins repeated headers with a comma, which is also a fine character of a key.
  let times = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === HEADER.length && name.toLowerCase() === HEADER) times++;
  }
  return times > 1;
}
