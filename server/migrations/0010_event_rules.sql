-- What an event's holders get back when they cancel, and whether they may pay other than online. The defaults are what
-- held before there was a rule, and what events are given that the previous release makes.

alter table catalog.event
  -- Until so many hours before a slot starts, cancelling its lines costs nothing.
  add column cancellation_free_hours integer not null default 0,
  -- After that, the share of the price that the organizer keeps.
  add column cancellation_kept_percent integer not null default 100,
  -- How long a hold waits for money at the till or by bank transfer. Null: neither is offered.
  add column offline_hold_hours integer,
  add constraint event_cancellation_free_hours_in_range check (cancellation_free_hours between 0 and 8760),
  add constraint event_cancellation_kept_is_a_percentage check (cancellation_kept_percent between 0 and 100),
  add constraint event_offline_hold_hours_in_range check (offline_hold_hours between 1 and 720);
