import { RRuleTemporal } from "rrule-temporal";
import { Temporal } from "temporal-polyfill";
import type { EpochMs } from "./clock.ts";
import { type RecurrenceRefusal, type Rule, readRule } from "./recurrence-rule.ts";
import { wallTime, YEAR_MAX, type ZonedTime, zonedTime } from "./wall-time.ts";

export interface Recurrence {
  /** A rule of RFC 5545 §3.3.10, with or without `RRULE:`. It must end, by `COUNT` or `UNTIL`. */
  readonly rule: string;
  /** Wall time of the first one; gives the parts of the time that the rule leaves open. */
  readonly startsAtLocal: string;
  readonly timeZone: string;
  /** Wall times to leave out, `2027-12-24T19:00:00`, or whole days, `2027-12-24`. They are counted by `COUNT`. */
  readonly except: readonly string[];
  readonly occurrencesMax: number;
}

// So many steps are enough for ten thousand times by any sensible rule, and few enough for the worst one
// to be given up within a second (measured: 10,000 daily times in 0.5 s, the worst rules below 0.9 s).
const STEPS_MAX = 20_000;
const CANDIDATES_MAX = 50_000;

/**
 * The times of a recurrence, in order. Wall time is kept across changes of the clocks: seven in the
 * evening stays seven in the evening. As RFC 5545 says, a wall time that the clocks skip is left out and
 * not counted, of one that exists twice the first is taken.
 *
 * The rule is followed in wall time alone and each time is then looked up in the zone, because the rule
 * knows no zone and the calendar is quick there.
 */
export function timesOf(recurrence: Recurrence): readonly ZonedTime[] | RecurrenceRefusal {
  const rule = readRule(recurrence.rule);
  if ("refusal" in rule) return rule;
  const times: ZonedTime[] = [];
  const left = new Set(recurrence.except);
  let counted = 0;
  try {
    followRule(rule, recurrence, (local) => {
      const time = timeOf(local, recurrence.timeZone);
      if (time === null) return true;
      if (rule.until?.instant !== undefined && time.at > rule.until.instant) return false;
      counted++;
      if (!left.has(time.local) && !left.has(time.local.slice(0, 10))) times.push(time);
      return counted !== rule.count && times.length <= recurrence.occurrencesMax;
    });
  } catch (error) {
    return refusalOf(error);
  }
  if (times.length > recurrence.occurrencesMax) {
    return {
      refusal: "rule_finds_too_many",
      message: `finds more than ${recurrence.occurrencesMax} times`,
    };
  }
  if (times.length === 0) return { refusal: "rule_finds_nothing", message: "finds no time at all" };
  return times.sort((a, b) => a.at - b.at);
}

/** Calls back for each wall time of the rule until told to stop or the rule ends. */
function followRule(
  rule: Rule,
  { startsAtLocal }: Recurrence,
  onTime: (local: Temporal.PlainDateTime) => boolean,
): void {
  const series = new RRuleTemporal({
    rruleString: rule.pattern,
    dtstart: wallTime(startsAtLocal).toZonedDateTime("UTC"),
    until: lastWallTime(rule).toZonedDateTime("UTC"),
    temporal: Temporal,
    maxIterations: STEPS_MAX,
    maxCandidateEvaluations: CANDIDATES_MAX,
    cache: false,
  });
  series.all((occurrence) => onTime(occurrence.toPlainDateTime()));
}

/** An instant in `UNTIL` is at most a day away from its wall time in any zone. */
function lastWallTime({ until }: Rule): Temporal.PlainDateTime {
  if (until?.local !== undefined) return wallTime(until.local);
  const end = wallTime(`${YEAR_MAX}-12-31T23:59:59`);
  if (until?.instant === undefined) return end;
  const { instant } = until;
  return Temporal.Instant.fromEpochMilliseconds(instant)
    .toZonedDateTimeISO("UTC")
    .toPlainDateTime()
    .add({ days: 1 });
}

function timeOf(local: Temporal.PlainDateTime, timeZone: string): ZonedTime | null {
  const time = zonedTime(local, timeZone);
  if (!("refusal" in time)) return time;
  if (time.refusal !== "wall_time_is_ambiguous") return null;
  const first = local.toZonedDateTime(timeZone, { disambiguation: "earlier" });
  return { at: first.epochMilliseconds as EpochMs, local: local.toString() };
}

function refusalOf(error: unknown): RecurrenceRefusal {
  if (error instanceof Error && /^Maximum (?:iterations|candidate)/.test(error.message)) {
    return {
      refusal: "rule_takes_too_long",
      message: "matches too seldom to be followed to its end: give an UNTIL, or simpler parts",
    };
  }
  if (error instanceof Error) {
    return { refusal: "bad_rule", message: "is not a rule of RFC 5545 that makes sense" };
  }
  throw error;
}
