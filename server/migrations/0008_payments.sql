-- Payments: money in and out (docs/decisions/0018, 0019 and 0020).

-- A hold that waits for a payment ends later than it would by itself, and keeps when that would have been.
-- What was paid too late is offered other slots for a while. What is confirmed may wait to be exchanged for something
-- dearer: the places it lacks are held by a reservation of their own until the difference is paid.
alter table reservations.reservation
  add column own_expires_at  timestamptz,
  add column own_ends_by     timestamptz,
  add column offer_ends_at   timestamptz,
  add column kept_minor      bigint,
  add column exchange_id     uuid,
  add column exchange_of     uuid,
  add constraint reservation_waiting_is_held check (own_expires_at is null or state = 'held'),
  add constraint reservation_own_end_is_whole check ((own_expires_at is null) = (own_ends_by is null)),
  add constraint reservation_own_end_is_not_later check (own_expires_at <= expires_at and own_ends_by <= hold_ends_by),
  add constraint reservation_offered_is_expired check (offer_ends_at is null or state = 'expired'),
  add constraint reservation_kept_of_what_is_cancelled check (kept_minor is null or (state = 'cancelled' and kept_minor between 0 and total_minor)),
  add constraint reservation_exchanged_is_confirmed check (exchange_id is null or state = 'confirmed');

create schema payments;

-- What the providers without a server of their own know.
create table payments.provider_record (
  provider  text   not null,
  key       text   not null,
  value     jsonb  not null,
  constraint provider_record_key primary key (provider, key)
);
