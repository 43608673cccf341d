import type { EventFacts } from "#modules/catalog/index.ts";
import { assert } from "#platform/assert.ts";
import type { EpochMs } from "#platform/clock.ts";
import { formatId, type Id } from "#platform/id.ts";
import { toRfc3339 } from "#platform/time.ts";
import { timeInZone } from "#platform/wall-time.ts";
import type { PresentedTicket, Redemption } from "./redemption.ts";
import type { RedemptionBody } from "./redemption-schemas.ts";
import { languageOf, refusalText, timeText } from "./refusal-texts.ts";

const MINUTE_MS = 60_000;

/** In whose words an answer is given. */
export interface Answering {
  /** Null where nobody knows of which event it is. */
  readonly event: EventFacts | null;
  /** As the gate accepts them, dearest first. */
  readonly languages: readonly string[];
  /** The event's ticket types in these languages. */
  readonly typeNames: ReadonlyMap<Id<"tty">, string>;
}

type Presented = Pick<
  RedemptionBody,
  "presented_before" | "last_presented_at" | "reasons" | "first_admitted"
>;

/** What a gate is told, with nothing in it that names a person. */
export function redemptionView(answering: Answering, redemption: Redemption): RedemptionBody {
  const { event, typeNames } = answering;
  const { outcome, ticket } = redemption;
  return {
    outcome,
    ...presentedView(answering, redemption),
    ticket: ticket === null || event === null ? null : ticketView(event, typeNames, ticket),
  };
}

/** What is said of every presentation, on line or off. */
export function presentedView(answering: Answering, redemption: Redemption): Presented {
  const { presentedBefore, lastPresentedAt, firstAdmitted } = redemption;
  return {
    presented_before: presentedBefore,
    last_presented_at: lastPresentedAt === null ? null : toRfc3339(lastPresentedAt),
    reasons: reasonsView(answering, redemption),
    first_admitted:
      firstAdmitted === null ? null : { at: toRfc3339(firstAdmitted.at), gate: firstAdmitted.gate },
  };
}

function reasonsView(
  { event, languages }: Answering,
  { reason, ticket, firstAdmitted }: Redemption,
): RedemptionBody["reasons"] {
  if (reason === null) return [];
  const language = languageOf(languages);
  const say = (at: EpochMs) => timeText(language, event?.timeZone ?? "UTC", at);
  const { startsAt = 0, endsAt = 0 } = ticket ?? {};
  const type = ticket === null ? undefined : event?.ticketTypes.get(ticket.ticketTypeId);
  const opensAt = startsAt - (event?.entryOpensMinutes ?? 0) * MINUTE_MS;
  const first = firstAdmitted === null ? [] : [say(firstAdmitted.at), firstAdmitted.gate];
  const message = refusalText(language, reason, {
    opensAt: () => say(opensAt),
    startsAt: () => say(startsAt),
    endsAt: () => say(endsAt),
    gates: () => (type?.gates ?? []).join(", "),
    firstAdmitted: () => first.filter((part) => part !== null).join(", "),
  });
  return [
    { code: reason, message, ...(reason === "too_early" && { opens_at: toRfc3339(opensAt) }) },
  ];
}

function ticketView(
  event: EventFacts,
  typeNames: Answering["typeNames"],
  ticket: PresentedTicket,
): RedemptionBody["ticket"] {
  const { slotId, ticketTypeId, startsAt, endsAt, admits, holderName } = ticket;
  return {
    id: formatId("tkt", ticket.ticketId),
    ticket_type: { id: formatId("tty", ticketTypeId), name: typeNames.get(ticketTypeId) ?? null },
    slot: {
      id: formatId("slt", slotId),
      starts_at: toRfc3339(startsAt),
      ends_at: toRfc3339(endsAt),
      starts_at_local: localTime(event, startsAt),
    },
    admits,
    holder_initials: initialsOf(holderName),
  };
}

const localTimes = new WeakMap<EventFacts, Map<EpochMs, string>>();

/** What the clocks where the event is show: found once a slot, as it takes longer than all else of an answer. */
function localTime(event: EventFacts, at: EpochMs): string {
  let known = localTimes.get(event);
  if (known === undefined) {
    known = new Map();
    localTimes.set(event, known);
  }
  let local = known.get(at);
  if (local === undefined) {
    const wall = timeInZone(at, event.timeZone);
    assert("local" in wall, "a slot is at a time that clocks show");
    local = wall.local;
    known.set(at, local);
  }
  return local;
}

/** Of the first and the last of the names; enough to ask whether somebody is meant, and no more. */
export function initialsOf(name: string | null): string | null {
  const names =
    name
      ?.trim()
      .split(/\s+/)
      .filter((part) => /^[\p{L}\p{N}]/u.test(part)) ?? [];
  const ends = names.length > 1 ? [names[0], names.at(-1)] : names;
  const initials = ends.map((part) => /^.\p{M}*/su.exec(part ?? "")?.[0].toLocaleUpperCase());
  return initials.length === 0 ? null : initials.join("");
}
