-- Who opens events: organizers with their members, invitations, API keys and door passes; and the record of who did
-- what. An organizer has exactly one owner, and the schema says so: its row names the member who is it, and no second
-- member may be one. Nothing here opens anything by itself: tokens of invitations and keys are kept as digests, door
-- passes are signed and not kept.

create schema organizers;

create table organizers.organizer (
  organizer_id  uuid         not null,
  name          text         not null,
  owner_id      uuid         not null,
  owner_role    text         not null default 'owner',
  created_at    timestamptz  not null,
  constraint organizer_key primary key (organizer_id),
  constraint organizer_name_not_blank check (btrim(name) <> ''),
  constraint organizer_owner_role_is_owner check (owner_role = 'owner')
);

create table organizers.member (
  organizer_id  uuid         not null,
  user_id       uuid         not null,
  role          text         not null,
  joined_at     timestamptz  not null,
  constraint member_key primary key (organizer_id, user_id),
  constraint member_of_an_organizer foreign key (organizer_id) references organizers.organizer (organizer_id),
  constraint member_is_a_user foreign key (user_id) references accounts.registered_user (id),
  constraint member_role_known check (role in ('owner', 'manager', 'viewer', 'door')),
  constraint member_role_once unique (organizer_id, user_id, role)
);

create unique index member_one_owner on organizers.member (organizer_id) where role = 'owner';
create index member_of_user_idx on organizers.member (user_id, organizer_id);

-- Checked at the end of a transaction, so that an organizer and its owner can be written together.
alter table organizers.organizer
  add constraint organizer_has_an_owner foreign key (organizer_id, owner_id, owner_role)
      references organizers.member (organizer_id, user_id, role) deferrable initially deferred;

create table organizers.invitation (
  invitation_id  uuid         not null,
  organizer_id   uuid         not null,
  email          text         not null,
  role           text         not null,
  token          text         not null,
  invited_by     uuid         not null,
  created_at     timestamptz  not null,
  expires_at     timestamptz  not null,
  constraint invitation_key primary key (invitation_id),
  constraint invitation_of_an_organizer foreign key (organizer_id) references organizers.organizer (organizer_id),
  constraint invitation_to_a_role_that_can_be_given check (role in ('manager', 'viewer', 'door')),
  constraint invitation_token_key unique (token),
  constraint invitation_token_is_a_digest check (token ~ '^[A-Za-z0-9_-]{43}$'),
  constraint invitation_once_per_address unique (organizer_id, email)
);

create index invitation_expires_at_idx on organizers.invitation (expires_at);

create table organizers.api_key (
  key_id        uuid         not null,
  organizer_id  uuid         not null,
  name          text         not null,
  digest        text         not null,
  last_four     text         not null,
  scopes        text[]       not null,
  created_by    uuid         not null,
  created_at    timestamptz  not null,
  expires_at    timestamptz,
  last_used_at  timestamptz,
  revoked_at    timestamptz,
  constraint api_key_key primary key (key_id),
  constraint api_key_of_an_organizer foreign key (organizer_id) references organizers.organizer (organizer_id),
  constraint api_key_digest_key unique (digest),
  constraint api_key_digest_is_one check (digest ~ '^[A-Za-z0-9_-]{43}$'),
  constraint api_key_name_not_blank check (btrim(name) <> ''),
  constraint api_key_scopes_known check (cardinality(scopes) > 0 and scopes <@ array['read', 'write', 'door', 'feed'])
);

create index api_key_of_organizer_idx on organizers.api_key (organizer_id, key_id);

create table organizers.door_pass (
  pass_id     uuid         not null,
  event_id    uuid         not null,
  gate        text         not null,
  generation  integer      not null default 0,
  created_at  timestamptz  not null,
  expires_at  timestamptz  not null,
  revoked_at  timestamptz,
  constraint door_pass_key primary key (pass_id),
  constraint door_pass_gate_not_blank check (btrim(gate) <> ''),
  constraint door_pass_generation_fits_a_token check (generation between 0 and 65535),
  constraint door_pass_ends_after_it_is_made check (expires_at > created_at)
);

create index door_pass_of_event_idx on organizers.door_pass (event_id, pass_id);

-- What was done, by whom, to what. Never what was said about a person: names of fields at most.
create table organizers.audit_entry (
  audit_id      uuid         not null,
  organizer_id  uuid,
  event_id      uuid,
  at            timestamptz  not null,
  actor_kind    text         not null,
  actor_id      uuid,
  action        text         not null,
  subject       text,
  outcome       text         not null,
  details       jsonb,
  constraint audit_entry_key primary key (audit_id),
  constraint audit_entry_is_of_something check (organizer_id is not null or event_id is not null),
  constraint audit_entry_actor_known check (actor_kind in ('user', 'key', 'event_token', 'door_pass', 'server')),
  constraint audit_entry_outcome_known check (outcome in ('begun', 'done', 'refused')),
  constraint audit_entry_details_is_a_map check (jsonb_typeof(details) = 'object')
);

create index audit_entry_of_event_idx on organizers.audit_entry (event_id, audit_id) where event_id is not null;
create index audit_entry_of_organizer_idx on organizers.audit_entry (organizer_id, audit_id) where organizer_id is not null;

-- For how long after it is over the attendees of an event are known by name. Null: as long as nobody erases them.
alter table catalog.event
  add column attendee_retention_days integer,
  add constraint event_attendee_retention_in_range check (attendee_retention_days between 0 and 3650);
