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

-- One try to pay for a reservation. Amount and currency are what it was begun with, and never change.
-- The hold is what waits for it: the reservation itself, or the one that holds what an exchange needs.
-- It is concluded when what it did to places and money is done: until then somebody looks at it again and again.
create table payments.payment (
  payment_id           uuid         not null,
  reservation_id       uuid         not null,
  hold_id              uuid         not null,
  event_id             uuid         not null,
  provider             text         not null,
  method_token         text,
  return_url           text,
  amount_minor         bigint       not null,
  currency             char(3)      not null,
  state                text         not null,
  made_at              timestamptz  not null,
  wait_ends_at         timestamptz  not null,
  is_given_up          boolean      not null default false,
  provider_payment_id  text,
  next_action          bytea, -- sealed: whoever has it can talk to the provider in the payer's place
  failure_code         text,
  failure_message      text,
  look_at              timestamptz,
  looks                integer      not null default 0,
  offered_until        timestamptz,
  outcome              text,
  concluded_at         timestamptz,
  constraint payment_key primary key (payment_id),
  constraint payment_of_a_reservation foreign key (reservation_id) references reservations.reservation (reservation_id),
  constraint payment_is_of_something check (amount_minor > 0),
  constraint payment_provider_known check (provider in ('test', 'stripe', 'offline')),
  constraint payment_state_known check (state in ('not_started', 'processing', 'succeeded', 'failed')),
  constraint payment_says_why_it_failed check ((state = 'failed') = (failure_code is not null and failure_message is not null)),
  constraint payment_concluded_is_decided check (concluded_at is null or state in ('succeeded', 'failed')),
  constraint payment_concluded_has_an_outcome check ((concluded_at is null) = (outcome is null)),
  constraint payment_outcome_known check (outcome in ('confirmed', 'exchanged', 'returned', 'none')),
  constraint payment_looked_at_until_concluded check ((concluded_at is null) = (look_at is not null))
);

create unique index payment_one_at_a_time on payments.payment (reservation_id) where concluded_at is null;
create index payment_of_reservation_idx on payments.payment (reservation_id);
create index payment_of_event_idx on payments.payment (event_id, payment_id);
create index payment_to_look_at_idx on payments.payment (look_at) where concluded_at is null;

-- Money that goes back. `asked_as` is the id under which the provider knows the try: a refused one is tried again under another.
create table payments.refund (
  refund_id       uuid         not null,
  payment_id      uuid         not null,
  reservation_id  uuid         not null,
  event_id        uuid         not null,
  amount_minor    bigint       not null,
  currency        char(3)      not null,
  reason          text         not null,
  state           text         not null,
  asked_as        uuid         not null,
  made_at         timestamptz  not null,
  settled_at      timestamptz,
  failure_message text,
  look_at         timestamptz,
  looks           integer      not null default 0,
  constraint refund_key primary key (refund_id),
  constraint refund_of_a_payment foreign key (payment_id) references payments.payment (payment_id),
  constraint refund_is_of_something check (amount_minor > 0),
  constraint refund_reason_known check (reason in ('worth_less', 'no_places', 'goodwill', 'outside')),
  constraint refund_state_known check (state in ('pending', 'succeeded', 'failed', 'by_hand')),
  constraint refund_says_why_it_failed check ((state = 'failed') = (failure_message is not null)),
  constraint refund_looked_at_until_settled check ((state = 'pending') = (look_at is not null)),
  constraint refund_settled_at_a_time check ((state = 'pending') = (settled_at is null))
);

create unique index refund_asked_once on payments.refund (asked_as);
create index refund_of_payment_idx on payments.refund (payment_id);
create index refund_of_event_idx on payments.refund (event_id, refund_id);
create index refund_to_look_at_idx on payments.refund (look_at) where state = 'pending';

-- What providers told us, once for each of their events, however often they say it. The same delivery again is a replay:
-- its signed time is not later than the last one.
create table payments.webhook (
  provider           text         not null,
  provider_event_id  text         not null,
  signed_at          timestamptz  not null,
  payment_id         uuid, -- as the provider names it; null when it is about none
  received_at        timestamptz  not null,
  applied_at         timestamptz,
  constraint webhook_key primary key (provider, provider_event_id)
);

create index webhook_to_apply_idx on payments.webhook (received_at) where applied_at is null;
create index webhook_received_at_idx on payments.webhook (received_at);

alter table payments.payment enable row level security;
create policy payment_of_an_event_in_reach on payments.payment
  using (exists (select from catalog.event e where e.event_id = payment.event_id));

alter table payments.refund enable row level security;
create policy refund_of_an_event_in_reach on payments.refund
  using (exists (select from catalog.event e where e.event_id = refund.event_id));

-- What the providers that have no server of their own keep. It is their world, not ours: what we know of a payment is not
-- here, and nothing refers to it. One value of one provider: a payment by its attempt's id, or a webhook that
-- waits to be sent by its event's id. It names no organizer, so there is no wall around its rows.
create table payments.provider_record (
  provider  text   not null,
  key       text   not null,
  value     jsonb  not null,
  constraint provider_record_key primary key (provider, key)
);
