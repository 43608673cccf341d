-- What every module may stand on.
--
-- An idempotency record says what became of a request, and is written in the transaction of its effect. The answer of
-- a change of stock is made again from the ledger entry it names; any other is kept as it was given, without secrets.

create schema if not exists platform;

create table platform.idempotency (
  key          uuid         not null,
  fingerprint  uuid         not null,
  at           timestamptz  not null,
  status       smallint     not null,
  subject      uuid,
  version      integer,
  answer       jsonb,
  constraint idempotency_key primary key (key)
);

create index idempotency_at_idx on platform.idempotency using brin (at);
