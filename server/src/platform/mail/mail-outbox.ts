import { sql } from "kysely";
import type { Clock } from "../clock.ts";
import type { Database, Queryable } from "../database/database.ts";
import { databaseNow } from "../database/database-now.ts";
import { newId } from "../id.ts";
import type { Logger } from "../logger.ts";
import { createSealing } from "../tokens/sealing.ts";
import type { Mail, MailTransport } from "./mail-transport.ts";

/** Mails that are kept until they are sent: they survive this process. */
export interface MailOutbox {
  /** Keeps a mail; it goes out soon after the transaction is committed. */
  keep(queryable: Queryable, mail: Mail): Promise<void>;
  /** Sends what is due now instead of at the next round. Never rejects. */
  wake(): void;
  /** Sends what is due; a mail at least once. Resolves when a round is done. */
  deliver(): Promise<void>;
  /** Resolves when nothing is being sent. */
  idle(): Promise<void>;
}

export interface MailOutboxOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly secretKeys: readonly Buffer[];
  /** Null: mails wait until there is one. */
  readonly transport: MailTransport | null;
  readonly log: Logger;
}

const MAILS_PER_ROUND_MAX = 20;
/** As long as one attempt may take; then another process may try. Doubles with each attempt. */
const ATTEMPT_SECONDS = 30;
/** After three days no link in a mail is good any more. */
const KEPT_DAYS_MAX = 3;

export function createMailOutbox(options: MailOutboxOptions): MailOutbox {
  const { clock, transport } = options;
  const sealing = createSealing(options.secretKeys, "mail");
  let running: Promise<void> = Promise.resolve();
  const deliver = () => {
    if (transport === null) return Promise.resolve();
    const round = running.then(() => sendDue(options, transport, (sealed) => sealing.open(sealed)));
    running = round.catch(() => undefined);
    return round;
  };
  return {
    keep: async (queryable, mail) => {
      const sealed = sealing.seal(JSON.stringify(mail)).toString("hex");
      await sql`
        insert into platform.mail (mail_id, sealed, next_attempt_at, created_at)
        values (${newId(clock)}, decode(${sealed}, 'hex'), ${databaseNow(clock)}, ${databaseNow(clock)})
      `.execute(queryable);
    },
    wake: () => {
      deliver().catch((error) =>
        options.log.warn({ error }, "mails could not be read; they are sent later"),
      );
    },
    deliver,
    idle: () => running,
  };
}

interface DueMail {
  readonly mail_id: string;
  readonly sealed: string;
}

async function sendDue(
  { database, clock, log }: MailOutboxOptions,
  transport: MailTransport,
  open: (sealed: Buffer) => string | null,
): Promise<void> {
  await sql`
    delete from platform.mail
     where created_at < ${databaseNow(clock)} - make_interval(days => ${KEPT_DAYS_MAX})
  `.execute(database.kysely);
  for (;;) {
    const due = await takeDue(database, clock);
    for (const { mail_id: mailId, sealed } of due) {
      try {
        const text = open(Buffer.from(sealed, "hex"));
        if (text === null) log.error({ mailId }, "a mail was sealed with a key that is gone");
        else await transport.send(mailId, JSON.parse(text) as Mail);
        await sql`delete from platform.mail where mail_id = ${mailId}`.execute(database.kysely);
      } catch (error) {
        // What a mail server says may hold the address: its code must do.
        const { code } = (error ?? {}) as { code?: unknown };
        log.warn({ mailId, code }, "a mail could not be sent; it is tried again");
      }
    }
    if (due.length < MAILS_PER_ROUND_MAX) return;
  }
}

/** Takes mails for one attempt. Two processes never take the same. */
async function takeDue(database: Database, clock: Clock): Promise<readonly DueMail[]> {
  const { rows } = await sql<DueMail>`
    update platform.mail
       set attempts = attempts + 1,
           next_attempt_at = ${databaseNow(clock)}
             + make_interval(secs => ${ATTEMPT_SECONDS} * power(2, least(attempts, 8)))
     where mail_id in (
             select mail_id
               from platform.mail
              where next_attempt_at <= ${databaseNow(clock)}
              order by next_attempt_at
              limit ${MAILS_PER_ROUND_MAX}
                for update skip locked
           )
    returning mail_id, encode(sealed, 'hex') as sealed
  `.execute(database.kysely);
  return rows;
}
