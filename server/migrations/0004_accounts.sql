-- Who works here: users with a password, a second factor, passkeys and sessions; and mails that wait to be sent.
--
-- The columns of users, credentials, sessions, verifications, second factors and passkeys are those that better-auth
-- asks for (docs/decisions/0013-accounts-on-better-auth.md), so their keys are named id. Nothing here opens anything
-- by itself: passwords, session tokens and verification identifiers are hashed, secrets of second factors encrypted,
-- and a mail, which holds a link, is sealed until it is sent and then deleted.

create schema accounts;

create table accounts.registered_user (
  id                  uuid         not null,
  name                text         not null,
  email               text         not null,
  email_verified      boolean      not null,
  username            text         not null,
  two_factor_enabled  boolean      not null default false,
  image               text,
  created_at          timestamptz  not null,
  updated_at          timestamptz  not null,
  constraint registered_user_key primary key (id),
  constraint registered_user_email_key unique (email),
  constraint registered_user_username_key unique (username),
  constraint registered_user_email_in_small_letters check (email = lower(email)),
  constraint registered_user_username_spelled check (username ~ '^[a-z0-9_.]{3,30}$')
);

-- A name is taken by the attempt to register with it, also with an address that has an account already: otherwise a
-- second attempt would tell whether the first one made a user.
create table accounts.taken_name (
  username  text         not null,
  taken_at  timestamptz  not null,
  constraint taken_name_key primary key (username)
);

create table accounts.credential (
  id                        uuid         not null,
  user_id                   uuid         not null,
  account_id                text         not null,
  provider_id               text         not null,
  password                  text,
  access_token              text,
  refresh_token             text,
  id_token                  text,
  access_token_expires_at   timestamptz,
  refresh_token_expires_at  timestamptz,
  scope                     text,
  created_at                timestamptz  not null,
  updated_at                timestamptz  not null,
  constraint credential_key primary key (id),
  constraint credential_of_a_user foreign key (user_id) references accounts.registered_user (id) on delete cascade,
  constraint credential_once_per_provider unique (user_id, provider_id)
);

create table accounts.session (
  id          uuid         not null,
  user_id     uuid         not null,
  token       text         not null,
  user_agent  text,
  expires_at  timestamptz  not null,
  created_at  timestamptz  not null,
  updated_at  timestamptz  not null,
  constraint session_key primary key (id),
  constraint session_of_a_user foreign key (user_id) references accounts.registered_user (id) on delete cascade,
  constraint session_token_key unique (token),
  constraint session_token_is_a_digest check (token ~ '^[A-Za-z0-9_-]{43}$')
);

create index session_of_user_idx on accounts.session (user_id, created_at);
create index session_expires_at_idx on accounts.session (expires_at);

create table accounts.verification (
  id          uuid         not null,
  identifier  text         not null,
  value       text         not null,
  expires_at  timestamptz  not null,
  created_at  timestamptz  not null,
  updated_at  timestamptz  not null,
  constraint verification_key primary key (id),
  constraint verification_identifier_is_a_digest check (identifier ~ '^[A-Za-z0-9_-]{43}$')
);

create index verification_identifier_idx on accounts.verification (identifier, created_at);
create index verification_expires_at_idx on accounts.verification (expires_at);

create table accounts.second_factor (
  id                         uuid         not null,
  user_id                    uuid         not null,
  secret                     text         not null,
  backup_codes               text         not null,
  verified                   boolean      not null default true,
  failed_verification_count  integer      not null default 0,
  locked_until               timestamptz,
  constraint second_factor_key primary key (id),
  constraint second_factor_of_a_user foreign key (user_id) references accounts.registered_user (id) on delete cascade,
  constraint second_factor_one_per_user unique (user_id)
);

-- A time-based code is good for a minute and a half, and once.
create table accounts.used_code (
  user_id  uuid         not null,
  code     text         not null,
  used_at  timestamptz  not null,
  constraint used_code_key primary key (user_id, code),
  constraint used_code_of_a_user foreign key (user_id) references accounts.registered_user (id) on delete cascade
);

create table accounts.passkey (
  id             uuid         not null,
  user_id        uuid         not null,
  name           text,
  public_key     text         not null,
  credential_id  text         not null,
  counter        bigint       not null,
  device_type    text         not null,
  backed_up      boolean      not null,
  transports     text,
  aaguid         text,
  created_at     timestamptz,
  constraint passkey_key primary key (id),
  constraint passkey_of_a_user foreign key (user_id) references accounts.registered_user (id) on delete cascade,
  constraint passkey_credential_id_key unique (credential_id)
);

create index passkey_of_user_idx on accounts.passkey (user_id, created_at);

create table platform.mail (
  mail_id          uuid         not null,
  sealed           bytea        not null,
  attempts         integer      not null default 0,
  next_attempt_at  timestamptz  not null,
  created_at       timestamptz  not null,
  constraint mail_key primary key (mail_id),
  constraint mail_attempts_counted check (attempts >= 0)
);

create index mail_next_attempt_at_idx on platform.mail (next_attempt_at);
