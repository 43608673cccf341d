import type { EpochMs } from "./clock.ts";
import { wallTime } from "./wall-time.ts";

export const RECURRENCE_REFUSALS = [
  "bad_rule",
  "rule_has_no_end",
  "rule_finds_nothing",
  "rule_finds_too_many",
  "rule_takes_too_long",
] as const;

/** Why a rule is not followed, as an end of the sentence that begins with the rule. */
export interface RecurrenceRefusal {
  readonly refusal: (typeof RECURRENCE_REFUSALS)[number];
  readonly message: string;
}

/** A rule of RFC 5545 §3.3.10 that was read: its end apart from its pattern. */
export interface Rule {
  /** All parts but `COUNT` and `UNTIL`, each once and in range. */
  readonly pattern: string;
  readonly count?: number;
  /** The last moment: wall time as given, or an instant where it ends in `Z`. */
  readonly until?: { readonly local?: string; readonly instant?: EpochMs };
}

export const RULE_LENGTH_MAX = 500;

/** Without `SECONDLY`: nobody means it, and it only burns time. */
const FREQUENCIES = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY"];
const WEEKDAY = "(?:MO|TU|WE|TH|FR|SA|SU)";

/** What the value of each part may be: a pattern, or the range of a list of whole numbers. */
const PARTS: Readonly<Record<string, RegExp | { least: number; most: number; signed: boolean }>> = {
  FREQ: new RegExp(`^(?:${FREQUENCIES.join("|")})$`),
  INTERVAL: /^[1-9]\d{0,3}$/,
  COUNT: /^[1-9]\d{0,6}$/,
  UNTIL: /^\d{8}(?:T\d{6}Z?)?$/,
  BYMINUTE: { least: 0, most: 59, signed: false },
  BYHOUR: { least: 0, most: 23, signed: false },
  BYDAY: new RegExp(`^(?:[+-]?[1-9]\\d?)?${WEEKDAY}(?:,(?:[+-]?[1-9]\\d?)?${WEEKDAY})*$`),
  BYMONTHDAY: { least: 1, most: 31, signed: true },
  BYYEARDAY: { least: 1, most: 366, signed: true },
  BYWEEKNO: { least: 1, most: 53, signed: true },
  BYMONTH: { least: 1, most: 12, signed: false },
  BYSETPOS: { least: 1, most: 366, signed: true },
  WKST: new RegExp(`^${WEEKDAY}$`),
};

/** Reads a rule, stricter than libraries do: every part known, given once, in range; and it ends. */
export function readRule(text: string): Rule | RecurrenceRefusal {
  const body = text
    .trim()
    .toUpperCase()
    .replace(/^RRULE:/, "");
  if (body.length > RULE_LENGTH_MAX) return bad(`has more than ${RULE_LENGTH_MAX} characters`);
  const parts = new Map<string, string>();
  for (const part of body.replace(/;$/, "").split(";")) {
    const [name = "", value = "", more] = part.split("=");
    const allowed = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
    if (allowed === undefined || more !== undefined)
      return bad(`does not know the part ${cut(part)}`);
    if (parts.has(name)) return bad(`has ${name} twice`);
    if (!isAllowed(value, allowed)) return bad(`has a wrong value in ${cut(part)}`);
    parts.set(name, allowed instanceof RegExp ? value : [...new Set(value.split(","))].join());
  }
  if (!parts.has("FREQ")) return bad("needs FREQ, such as FREQ=WEEKLY");
  return withEnd(parts) ?? bad("has a day in UNTIL that does not exist");
}

function withEnd(parts: Map<string, string>): Rule | RecurrenceRefusal | null {
  const count = parts.get("COUNT");
  const until = parts.get("UNTIL");
  if (count !== undefined && until !== undefined) return bad("has COUNT and UNTIL: give one");
  parts.delete("COUNT");
  parts.delete("UNTIL");
  const pattern = [...parts].map(([name, value]) => `${name}=${value}`).join(";");
  if (count !== undefined) return { pattern, count: Number(count) };
  if (until === undefined) {
    return { refusal: "rule_has_no_end", message: "needs an end: add COUNT=… or UNTIL=…" };
  }
  const end = readUntil(until);
  return end === null ? null : { pattern, until: end };
}

/** `20271231` is the whole day, `20271231T190000` wall time, `20271231T180000Z` an instant. */
function readUntil(text: string): NonNullable<Rule["until"]> | null {
  const [year, month, day] = [text.slice(0, 4), text.slice(4, 6), text.slice(6, 8)];
  const time = text.length > 8 ? text.slice(9, 15) : "235959";
  const local = `${year}-${month}-${day}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}`;
  try {
    const read = wallTime(local);
    if (!text.endsWith("Z")) return { local };
    return { instant: read.toZonedDateTime("UTC").epochMilliseconds };
  } catch {
    return null;
  }
}

function isAllowed(value: string, allowed: NonNullable<(typeof PARTS)[string]>): boolean {
  if (allowed instanceof RegExp) return allowed.test(value);
  return value.split(",").every((item) => {
    if (!(allowed.signed ? /^[+-]?\d{1,3}$/ : /^\d{1,2}$/).test(item)) return false;
    const size = Math.abs(Number(item));
    return size >= allowed.least && size <= allowed.most;
  });
}

function bad(message: string): RecurrenceRefusal {
  return { refusal: "bad_rule", message };
}

function cut(part: string): string {
  return part.slice(0, 40);
}
