import { Type } from "typebox";
import { Nullable } from "#platform/http/schemas.ts";
import {
  ATTENDEE_RETENTION_DAYS_MAX,
  CANCELLATION_FREE_HOURS_DEFAULT,
  CANCELLATION_FREE_HOURS_MAX,
  CANCELLATION_KEPT_PERCENT_DEFAULT,
  ENTRY_OPENS_MINUTES_DEFAULT,
  ENTRY_OPENS_MINUTES_MAX,
  HOLD_LIFE_SECONDS_MAX,
  HOLD_SECONDS_MAX,
  OFFLINE_HOLD_HOURS_MAX,
  TICKETS_PER_RESERVATION_MAX,
} from "./event.ts";

// The wire shapes of what an event says in numbers about how it is sold: as it is sent, and as it is shown.

const RETENTION = "So many days after the event its attendees are erased; null: never by itself.";
const FREE_HOURS = "Until so many hours before a slot starts, cancelling costs nothing.";
const KEPT_PERCENT =
  "The share of the price that the organizer keeps of what is cancelled later than that.";
const OFFLINE_HOURS =
  "So many hours a hold waits for money at the till or by bank transfer; null: neither is offered.";
const RE_ENTRY = "Whether a ticket lets in again whoever was scanned out.";
const ENTRY_OPENS = "A ticket is let in from so many minutes before its slot starts.";

export const eventSettingsInput = {
  hold_seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: HOLD_SECONDS_MAX })),
  hold_life_max_seconds: Type.Optional(
    Type.Integer({ minimum: 1, maximum: HOLD_LIFE_SECONDS_MAX }),
  ),
  tickets_per_reservation_max: Type.Optional(
    Type.Integer({ minimum: 1, maximum: TICKETS_PER_RESERVATION_MAX }),
  ),
  attendee_retention_days: Type.Optional(
    Type.Unsafe<number | null>({
      ...Nullable(Type.Integer({ minimum: 0, maximum: ATTENDEE_RETENTION_DAYS_MAX })),
      description: RETENTION,
    }),
  ),
  cancellation_free_hours: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: CANCELLATION_FREE_HOURS_MAX,
      description: `${FREE_HOURS} A new event that says nothing: ${CANCELLATION_FREE_HOURS_DEFAULT}, until the start.`,
    }),
  ),
  cancellation_kept_percent: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 100,
      description: `${KEPT_PERCENT} A new event that says nothing: ${CANCELLATION_KEPT_PERCENT_DEFAULT}, all of it.`,
    }),
  ),
  offline_hold_hours: Type.Optional(
    Type.Unsafe<number | null>({
      ...Nullable(Type.Integer({ minimum: 1, maximum: OFFLINE_HOLD_HOURS_MAX })),
      description: OFFLINE_HOURS,
    }),
  ),
  re_entry: Type.Optional(
    Type.Boolean({ description: `${RE_ENTRY} A new event that says nothing: no.` }),
  ),
  entry_opens_minutes: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: ENTRY_OPENS_MINUTES_MAX,
      description: `${ENTRY_OPENS} A new event that says nothing: ${ENTRY_OPENS_MINUTES_DEFAULT}.`,
    }),
  ),
};

export const eventSettingsView = {
  hold_seconds: Type.Integer(),
  hold_life_max_seconds: Type.Integer(),
  tickets_per_reservation_max: Type.Integer(),
  attendee_retention_days: Type.Unsafe<number | null>({
    ...Nullable(Type.Integer()),
    description: RETENTION,
  }),
  cancellation_free_hours: Type.Integer({ description: FREE_HOURS }),
  cancellation_kept_percent: Type.Integer({ description: KEPT_PERCENT }),
  offline_hold_hours: Type.Unsafe<number | null>({
    ...Nullable(Type.Integer()),
    description: OFFLINE_HOURS,
  }),
  re_entry: Type.Boolean({ description: RE_ENTRY }),
  entry_opens_minutes: Type.Integer({ description: ENTRY_OPENS }),
};
