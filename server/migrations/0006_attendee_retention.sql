-- When the attendees of an event were erased because their time had come. Null: not yet, or the event was edited since.

alter table catalog.event
  add column attendees_erased_at timestamptz;

-- Events of which that is still to be done, by an instant that is never after the event is over.
create index event_attendees_to_erase_idx on catalog.event (least(cancelled_at, last_slot_at))
 where attendee_retention_days is not null and attendees_erased_at is null;
