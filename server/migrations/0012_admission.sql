-- The door (docs/decisions/0023-redemptions.md): when and where tickets are let in, and what was presented.

alter table catalog.event
  -- Whether a ticket lets in again whoever was scanned out.
  add column re_entry boolean not null default false,
  -- So long before its slot starts a ticket is let in.
  add column entry_opens_minutes integer not null default 60,
  add constraint event_entry_opens_minutes_in_range check (entry_opens_minutes between 0 and 43200);

alter table catalog.ticket_type
  -- The gates that let it in; null: any.
  add column gates text[],
  add constraint ticket_type_gates_are_some check (cardinality(gates) between 1 and 20);

alter table reservations.ticket
  -- Since when it has let somebody in who was not taken back. Its holder may no longer give it up.
  add column used_at timestamptz,
  add column voided_at timestamptz,
  add constraint ticket_voided_has_a_date check ((voided_version is null) = (voided_at is null)) not valid,
  -- Room for the one change that most tickets see, so that no index is touched by it.
  set (fillfactor = 90);

update reservations.ticket t
   set voided_at = e.at
  from reservations.entry e
 where e.reservation_id = t.reservation_id
   and e.version = t.voided_version;

alter table reservations.ticket validate constraint ticket_voided_has_a_date;

-- What gates ask for who want to know what changed.
create index ticket_voided_idx on reservations.ticket (event_id, voided_at) where voided_at is not null;

create schema admission;

-- One presentation of a ticket at a gate, or of something that is none. Whatever is let in is decided by who may insert
-- the next number of the ticket.
create table admission.redemption (
  event_id       uuid         not null,
  ticket_id      uuid,                   -- null: no ticket of the event
  number         integer,                -- its place among the presentations of its ticket, in the order in which they were heard of
  slot_id        uuid,
  ticket_type_id uuid,
  gate           text         not null,  -- empty: nobody said
  presenter_id   uuid         not null,  -- the pass, key or user, or the event whose token was sent
  direction      text         not null,
  outcome        text         not null,  -- as it was answered
  reason         text,
  is_let_through boolean      not null,  -- what the gate did: without a network it may have let in whom it should not
  is_counted     boolean      not null,  -- one of the admissions that its ticket has
  presented_at   timestamptz  not null,
  recorded_at    timestamptz  not null,
  nonce          uuid,                   -- of the gate and the name it gave to this presentation
  undone_at      timestamptz,
  constraint redemption_numbered_once unique (ticket_id, number),
  constraint redemption_of_a_ticket_is_numbered check ((ticket_id is null) = (number is null)),
  constraint redemption_numbers_count_from_one check (number >= 1),
  constraint redemption_direction_known check (direction in ('in', 'out')),
  constraint redemption_outcome_known check (
    outcome in ('admitted', 'already_presented', 'wrong_slot', 'too_early', 'void', 'unknown', 'left', 'not_inside')
  ),
  constraint redemption_counted_is_let_in check (
    not is_counted or (direction = 'in' and is_let_through and undone_at is null)
  )
);

create unique index redemption_of_nonce on admission.redemption (nonce) where nonce is not null;
-- Rows come in the order of time: which ones are new is found by it, at hardly any cost to those that scan.
create index redemption_recorded_idx on admission.redemption using brin (recorded_at)
  with (pages_per_range = 16, autosummarize = on);

-- What was presented at a gate with tickets of one type for one slot, counted as it is recorded. Nulls: of no ticket.
create table admission.tally (
  event_id       uuid    not null,
  slot_id        uuid,
  ticket_type_id uuid,
  gate           text    not null,
  presented      bigint  not null,  -- everything, undone or not
  admitted       bigint  not null,  -- admissions that tickets have
  surplus        bigint  not null,  -- let in without one, by gates that could not know
  went_out       bigint  not null,
  refused        bigint  not null,
  constraint tally_key unique nulls not distinct (event_id, slot_id, ticket_type_id, gate)
);

alter table admission.redemption enable row level security;
create policy redemption_of_an_event_in_reach on admission.redemption
  using (exists (select from catalog.event e where e.event_id = redemption.event_id));
alter table admission.tally enable row level security;
create policy tally_of_an_event_in_reach on admission.tally
  using (exists (select from catalog.event e where e.event_id = tally.event_id));
