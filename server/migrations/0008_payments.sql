-- Payments: what the providers that have no server of their own keep. It is their world, not ours: what we know of a
-- payment is not here, and nothing refers to it. It names no organizer, so there is no wall around its rows.

create schema payments;

-- One value of one provider: a payment by its attempt's id, or a webhook that waits to be sent by its event's id.
create table payments.provider_record (
  provider  text   not null,
  key       text   not null,
  value     jsonb  not null,
  constraint provider_record_key primary key (provider, key)
);
