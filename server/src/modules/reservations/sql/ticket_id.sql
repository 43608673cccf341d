-- reservations.ticket_id: the id of a ticket, from what it is the ticket of.
--
-- In     p_reservation  its reservation
--        p_version      the ledger entry that issued it
--        p_ordinal      its place among the tickets of that entry, from 1
-- Out    a UUIDv7 that begins with the first 64 bits of the reservation's id: tickets of one reservation stand
--        together in the index. The other 60 bits are of SHA-256, so that no two tickets meet.
--        ticketId() in ticket.ts computes the same; a test compares them.
-- Cost   one SHA-256 of 50 bytes.
-- Source docs/concepts/reservations.md

create or replace function reservations.ticket_id(p_reservation uuid, p_version integer, p_ordinal integer)
returns uuid
language sql
stable -- it is immutable, but what it is made of is not marked so, and then it would not be inlined
as $$
  select (left(p_reservation::text, 19) || 'a'
          || overlay(left(encode(sha256((p_reservation::text || '/' || p_version || '/' || p_ordinal)::bytea), 'hex'), 15)
                     placing '-' from 4 for 0))::uuid
$$;
