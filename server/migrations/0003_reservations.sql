-- The heart: pools of places, the reservations that draw on them, and the ledger of every change.
--
-- A pool is one row that everybody wants; its check constraint is what makes overselling impossible.
-- A reservation is the mutable head: who, in which state, until when, drawing on which pools.
-- An entry is one transition of a reservation, never changed: the ledger, the audit and the source of the feed.
-- Nothing here refers to the catalogue by foreign key: the pools are its copy for selling, and the hot path
-- writes thousands of rows a second.

create schema reservations;

create table reservations.pool (
  pool_id         uuid     not null,
  event_id        uuid     not null,
  slot_id         uuid,
  ticket_type_id  uuid,
  capacity        integer  not null,
  held            integer  not null default 0,
  sold            integer  not null default 0,
  constraint pool_key primary key (pool_id),
  constraint pool_is_of_a_slot_or_a_ticket_type check (slot_id is not null or ticket_type_id is not null),
  constraint pool_capacity_in_range check (capacity between 0 and 100000000),
  constraint pool_held_not_negative check (held >= 0),
  constraint pool_sold_not_negative check (sold >= 0),
  constraint pool_never_oversold check (held + sold <= capacity)
) with (fillfactor = 50); -- room on the page for the next version of a hot row

create index pool_event_id_idx on reservations.pool (event_id);

-- What the catalogue last said about selling an event. A request that was priced with another revision is stale.
-- Settled: nothing is left to do for its state; of a cancelled event, its reservations have been cancelled.
create table reservations.sale (
  event_id  uuid     not null,
  revision  integer  not null,
  state     text     not null,
  settled   boolean  not null,
  constraint sale_key primary key (event_id),
  constraint sale_state_known check (state in ('draft', 'published', 'cancelled'))
);

create table reservations.reservation (
  reservation_id   uuid         not null,
  event_id         uuid         not null,
  state            text         not null,
  version          integer      not null,
  generation       integer      not null,
  created_at       timestamptz  not null,
  expires_at       timestamptz,
  hold_ends_by     timestamptz,
  pool_ids         uuid[]       not null,
  pool_quantities  integer[]    not null,
  total_minor      bigint       not null,
  currency         char(3)      not null,
  attendee_name    text,
  attendee_email   text,
  attendee_phone   text,
  language         text,
  constraint reservation_key primary key (reservation_id),
  constraint reservation_state_known check (state in ('held', 'confirmed', 'released', 'expired', 'cancelled')),
  constraint reservation_held_until_a_time check (state <> 'held' or (expires_at is not null and expires_at <= hold_ends_by)),
  constraint reservation_draws_a_quantity_from_each_pool check (cardinality(pool_ids) = cardinality(pool_quantities)),
  constraint reservation_total_not_negative check (total_minor >= 0),
  constraint reservation_generation_fits_a_token check (generation between 0 and 65535)
);

create index reservation_of_event_idx on reservations.reservation (event_id, reservation_id);
create index reservation_held_expires_at_idx on reservations.reservation (expires_at) where state = 'held';

create index sale_unsettled_idx on reservations.sale (event_id) where not settled;

-- Lines and deltas are parallel arrays: a transition is one row, however many lines it has.
create table reservations.entry (
  reservation_id         uuid         not null,
  version                integer      not null,
  action                 text         not null,
  reason                 text         not null,
  state                  text         not null,
  generation             integer      not null,
  at                     timestamptz  not null,
  expires_at             timestamptz,
  line_slot_ids          uuid[]       not null,
  line_ticket_type_ids   uuid[]       not null,
  line_quantities        integer[]    not null,
  line_unit_price_minor  bigint[]     not null,
  pool_ids               uuid[]       not null,
  held_deltas            integer[]    not null,
  sold_deltas            integer[]    not null,
  constraint entry_key primary key (reservation_id, version),
  constraint entry_version_counts_from_one check (version >= 1),
  constraint entry_lines_are_whole check (
    cardinality(line_slot_ids) = cardinality(line_ticket_type_ids)
    and cardinality(line_slot_ids) = cardinality(line_quantities)
    and cardinality(line_slot_ids) = cardinality(line_unit_price_minor)
  ),
  constraint entry_moves_are_whole check (
    cardinality(pool_ids) = cardinality(held_deltas) and cardinality(pool_ids) = cardinality(sold_deltas)
  )
);

-- A ticket's id begins with the first 64 bits of its reservation's id, so the tickets of a reservation are
-- found by a range of the primary key and need no second index.
create table reservations.ticket (
  ticket_id        uuid     not null,
  reservation_id   uuid     not null,
  event_id         uuid     not null,
  slot_id          uuid     not null,
  ticket_type_id   uuid     not null,
  ordinal          integer  not null,
  issued_version   integer  not null,
  voided_version   integer,
  holder_name      text,
  constraint ticket_key primary key (ticket_id),
  constraint ticket_is_voided_after_it_is_issued check (voided_version > issued_version)
);
