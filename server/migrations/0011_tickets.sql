-- Ticket codes are signed (docs/decisions/0022-ticket-codes.md): the keys they are signed with.

create schema tickets;

-- Whose events' codes it signs: an organizer's, or one anonymous event's. The number stands in the code and says whose
-- the key is, so that a claimed event can have both. Active until it is retired; what a retired one signed stays good
-- until it is revoked.
create table tickets.signing_key (
  public_key    bytea        not null,
  organizer_id  uuid,
  event_id      uuid,
  number        integer      not null,
  private_key   bytea        not null, -- sealed: whoever has it makes tickets
  created_at    timestamptz  not null,
  retired_at    timestamptz,
  revoked_at    timestamptz,
  constraint signing_key_key primary key (public_key),
  constraint signing_key_is_of_ed25519 check (octet_length(public_key) = 32),
  constraint signing_key_has_one_owner check (num_nonnulls(organizer_id, event_id) = 1),
  constraint signing_key_number_says_whose check (
    case when event_id is null then number between 1 and 32767 else number between 32769 and 65535 end
  ),
  constraint signing_key_revoked_is_retired check (revoked_at is null or retired_at is not null)
);

create unique index signing_key_of_organizer on tickets.signing_key (organizer_id, number) where organizer_id is not null;
create unique index signing_key_of_event on tickets.signing_key (event_id, number) where event_id is not null;
create unique index signing_key_active_of_organizer on tickets.signing_key (organizer_id)
  where organizer_id is not null and retired_at is null;
create unique index signing_key_active_of_event on tickets.signing_key (event_id)
  where event_id is not null and retired_at is null;

alter table tickets.signing_key enable row level security;
create policy signing_key_in_reach on tickets.signing_key
  using (organizer_id = any (array(select unnest(nullif(current_setting('tessera.organizers', true), '')::uuid[])))
         or exists (select from catalog.event e where e.event_id = signing_key.event_id));
