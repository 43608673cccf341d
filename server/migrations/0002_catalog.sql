-- What is edited seldom: events, their slots and ticket types.
--
-- Texts that visitors read are maps of language to string. A slot keeps the wall time it was given beside the instants
-- made of it, so that a later change of the rules of a zone is seen and not silently followed. Nothing is deleted:
-- reservations and calendars go on referring to a slot that was removed. Every edit raises the event's revision.

create schema catalog;

create table catalog.event (
  event_id                     uuid         not null,
  organizer_id                 uuid,
  slug                         text         not null,
  name                         jsonb        not null,
  description                  jsonb,
  location                     jsonb,
  search_text                  text         not null,
  time_zone                    text         not null,
  currency                     char(3)      not null,
  default_language             text         not null,
  state                        text         not null,
  hold_seconds                 integer      not null,
  hold_life_max_seconds        integer      not null,
  tickets_per_reservation_max  integer      not null,
  token_generation             integer      not null default 0,
  revision                     integer      not null default 1,
  first_slot_at                timestamptz,
  last_slot_at                 timestamptz,
  created_at                   timestamptz  not null,
  published_at                 timestamptz,
  cancelled_at                 timestamptz,
  constraint event_key primary key (event_id),
  constraint event_slug_key unique (slug),
  constraint event_slug_is_one_path_segment check (slug ~ '^[^/?#%_[:space:][:cntrl:]]{1,100}$'),
  constraint event_name_is_a_map check (jsonb_typeof(name) = 'object'),
  constraint event_description_is_a_map check (jsonb_typeof(description) = 'object'),
  constraint event_location_is_a_map check (jsonb_typeof(location) = 'object'),
  constraint event_currency_is_three_capitals check (currency ~ '^[A-Z]{3}$'),
  constraint event_state_known check (state in ('draft', 'published', 'cancelled')),
  constraint event_hold_seconds_in_range check (hold_seconds between 1 and 86400),
  constraint event_hold_life_not_below_a_hold check (hold_life_max_seconds between hold_seconds and 604800),
  constraint event_tickets_per_reservation_in_range check (tickets_per_reservation_max between 1 and 10000),
  constraint event_token_generation_fits_a_token check (token_generation between 0 and 65535),
  constraint event_revision_counts_from_one check (revision >= 1),
  constraint event_first_slot_not_after_the_last check (first_slot_at <= last_slot_at),
  constraint event_slot_times_stand_together check ((first_slot_at is null) = (last_slot_at is null)),
  constraint event_published_has_a_date check (state <> 'published' or published_at is not null),
  constraint event_cancelled_has_a_date check ((state = 'cancelled') = (cancelled_at is not null))
);

-- The public list: published events by their first slot. The last slot decides whether one is over.
create index event_published_first_slot_idx on catalog.event (first_slot_at, event_id) include (last_slot_at)
 where state = 'published';
create index event_organizer_idx on catalog.event (organizer_id, event_id) where organizer_id is not null;

create table catalog.slot (
  slot_id          uuid         not null,
  event_id         uuid         not null,
  starts_at        timestamptz  not null,
  ends_at          timestamptz  not null,
  starts_at_local  timestamp    not null,
  ends_at_local    timestamp    not null,
  capacity         integer      not null,
  note             jsonb,
  removed_at       timestamptz,
  constraint slot_key primary key (slot_id),
  constraint slot_of_an_event foreign key (event_id) references catalog.event (event_id),
  constraint slot_ends_after_it_starts check (ends_at > starts_at),
  constraint slot_lasts_a_year_at_most check (ends_at <= starts_at + interval '366 days'),
  constraint slot_capacity_in_range check (capacity between 0 and 1000000),
  constraint slot_note_is_a_map check (jsonb_typeof(note) = 'object')
);

create index slot_of_event_starts_at_idx on catalog.slot (event_id, starts_at, slot_id) where removed_at is null;

create table catalog.ticket_type (
  ticket_type_id       uuid         not null,
  event_id             uuid         not null,
  position             integer      not null,
  name                 jsonb        not null,
  description          jsonb,
  price_minor          bigint       not null,
  capacity             integer,
  capacity_per_slot    integer,
  min_per_reservation  integer      not null,
  max_per_reservation  integer,
  sales_start_at       timestamptz,
  sales_end_at         timestamptz,
  admits               integer      not null,
  hidden               boolean      not null,
  removed_at           timestamptz,
  constraint ticket_type_key primary key (ticket_type_id),
  constraint ticket_type_of_an_event foreign key (event_id) references catalog.event (event_id),
  constraint ticket_type_position_not_negative check (position >= 0),
  constraint ticket_type_name_is_a_map check (jsonb_typeof(name) = 'object'),
  constraint ticket_type_description_is_a_map check (jsonb_typeof(description) = 'object'),
  constraint ticket_type_price_in_range check (price_minor between 0 and 1000000000),
  constraint ticket_type_capacity_in_range check (capacity between 0 and 100000000),
  constraint ticket_type_capacity_per_slot_in_range check (capacity_per_slot between 0 and 1000000),
  constraint ticket_type_min_in_range check (min_per_reservation between 1 and 10000),
  constraint ticket_type_max_not_below_min check (max_per_reservation between min_per_reservation and 10000),
  constraint ticket_type_sales_end_after_they_start check (sales_end_at > sales_start_at),
  constraint ticket_type_admits_in_range check (admits between 1 and 1000)
);

create index ticket_type_of_event_idx on catalog.ticket_type (event_id, position, ticket_type_id)
 where removed_at is null;
