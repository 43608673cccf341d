import { sql } from "kysely";
import type { EventFacts } from "#modules/catalog/index.ts";
import type { Clock } from "#platform/clock.ts";
import type { Database } from "#platform/database/database.ts";
import { formatId, type Id } from "#platform/id.ts";
import type { MailOutbox } from "#platform/mail/mail-outbox.ts";
import type { CapabilityTokens } from "#platform/tokens/capability.ts";
import type { ReservationReader } from "./read-reservation.ts";
import { type ResentLink, resendMail } from "./resend-mail.ts";
import type { Reservation } from "./reservation.ts";

/** One mail is to be read by a person: the newest reservations must do. */
const RESERVATIONS_MAX = 20;

export interface ResendContext {
  readonly database: Database;
  readonly clock: Clock;
  readonly reader: ReservationReader;
  readonly tokens: CapabilityTokens;
  readonly outbox: MailOutbox;
  /** Where people reach this server; without a slash at the end. */
  readonly publicUrl: string;
  readonly catalog: {
    facts(eventId: Id<"evt">): Promise<EventFacts | null>;
    nameOf(
      eventId: Id<"evt">,
      languages: readonly string[],
    ): Promise<{ readonly name: string; readonly timeZone: string } | null>;
  };
}

/**
 * Sends the links to what an address holds of an event: what is held or confirmed, the newest first.
 * Sends nothing where it holds nothing.
 */
export async function resendLinks(
  context: ResendContext,
  asked: {
    readonly email: string;
    readonly eventId: Id<"evt">;
    readonly languages: readonly string[];
  },
): Promise<void> {
  const { email, eventId, languages } = asked;
  const event = await context.catalog.nameOf(eventId, languages);
  const facts = await context.catalog.facts(eventId);
  if (event === null || facts === null) return;
  const links = (await findHeld(context, eventId, email)).map((one) => linkTo(context, facts, one));
  if (links.length === 0) return;
  const { name, timeZone } = event;
  const mail = resendMail(email, { event: name, timeZone, links, languages });
  await context.outbox.keep(context.database.kysely, mail);
  context.outbox.wake();
}

/** Goes through the reservations of the event: no index by address slows selling for it. */
async function findHeld(
  { database, reader }: ResendContext,
  eventId: Id<"evt">,
  email: string,
): Promise<readonly Reservation[]> {
  const { rows } = await sql<{ reservation_id: Id<"rsv"> }>`
    select reservation_id
      from reservations.reservation
     where event_id = ${eventId}
       and lower(attendee_email) = lower(${email})
       and state in ('held', 'confirmed')
     order by reservation_id desc
     limit ${RESERVATIONS_MAX}
  `.execute(database.kysely);
  const found = await Promise.all(rows.map((row) => reader.read(row.reservation_id)));
  // As it is read it is known whether a hold's time has passed.
  return found.filter(
    (one) => one !== null && ["held", "confirmed"].includes(one.state),
  ) as Reservation[];
}

function linkTo(
  { tokens, publicUrl }: ResendContext,
  facts: EventFacts,
  { reservationId, generation, lines }: Reservation,
): ResentLink {
  const starts = lines.flatMap(({ slotId }) => facts.slots.get(slotId)?.startsAt ?? []);
  const token = tokens.issue({ kind: "manage", id: reservationId, generation });
  return {
    startsAt: starts.length === 0 ? null : Math.min(...starts),
    places: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    // Behind `#` it reaches no server's log and no other site.
    address: `${publicUrl}/r/${formatId("rsv", reservationId)}#${token}`,
  };
}
