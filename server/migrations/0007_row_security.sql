-- The second wall around what is an organizer's (docs/decisions/0016-a-second-wall-in-the-database.md).
--
-- Row security binds whoever does not own the tables: management transactions become such a role (platform/database/
-- reach.ts) and say whose rows they may reach, in two settings of their own, each a list of ids. What is not said is
-- not reached. The owner, as whom everything else runs, passes by: no policy is looked at there.
--
-- An event says whose it is. What is of an event asks whether the event can be seen, and is so bound by its policy.

alter table catalog.event enable row level security;
create policy event_in_reach on catalog.event
  using (organizer_id = any (array(select unnest(nullif(current_setting('tessera.organizers', true), '')::uuid[])))
         or event_id = any (array(select unnest(nullif(current_setting('tessera.events', true), '')::uuid[]))));

alter table catalog.slot enable row level security;
create policy slot_of_an_event_in_reach on catalog.slot
  using (exists (select from catalog.event e where e.event_id = slot.event_id));

alter table catalog.ticket_type enable row level security;
create policy ticket_type_of_an_event_in_reach on catalog.ticket_type
  using (exists (select from catalog.event e where e.event_id = ticket_type.event_id));

alter table reservations.pool enable row level security;
create policy pool_of_an_event_in_reach on reservations.pool
  using (exists (select from catalog.event e where e.event_id = pool.event_id));

alter table reservations.sale enable row level security;
create policy sale_of_an_event_in_reach on reservations.sale
  using (exists (select from catalog.event e where e.event_id = sale.event_id));

alter table reservations.reservation enable row level security;
create policy reservation_of_an_event_in_reach on reservations.reservation
  using (exists (select from catalog.event e where e.event_id = reservation.event_id));

alter table reservations.entry enable row level security;
create policy entry_of_a_reservation_in_reach on reservations.entry
  using (exists (select from reservations.reservation r where r.reservation_id = entry.reservation_id));

alter table reservations.ticket enable row level security;
create policy ticket_of_an_event_in_reach on reservations.ticket
  using (exists (select from catalog.event e where e.event_id = ticket.event_id));

alter table organizers.organizer enable row level security;
create policy organizer_in_reach on organizers.organizer
  using (organizer_id = any (array(select unnest(nullif(current_setting('tessera.organizers', true), '')::uuid[]))));

alter table organizers.member enable row level security;
create policy member_of_an_organizer_in_reach on organizers.member
  using (organizer_id = any (array(select unnest(nullif(current_setting('tessera.organizers', true), '')::uuid[]))));

alter table organizers.invitation enable row level security;
create policy invitation_of_an_organizer_in_reach on organizers.invitation
  using (organizer_id = any (array(select unnest(nullif(current_setting('tessera.organizers', true), '')::uuid[]))));

alter table organizers.api_key enable row level security;
create policy api_key_of_an_organizer_in_reach on organizers.api_key
  using (organizer_id = any (array(select unnest(nullif(current_setting('tessera.organizers', true), '')::uuid[]))));

alter table organizers.door_pass enable row level security;
create policy door_pass_of_an_event_in_reach on organizers.door_pass
  using (exists (select from catalog.event e where e.event_id = door_pass.event_id));

-- An entry about an event names the organizer whose event it is then, or none: so nobody writes into another's record.
alter table organizers.audit_entry enable row level security;
create policy audit_entry_in_reach on organizers.audit_entry
  using (organizer_id = any (array(select unnest(nullif(current_setting('tessera.organizers', true), '')::uuid[])))
         or exists (select from catalog.event e where e.event_id = audit_entry.event_id))
  with check (case when event_id is null
                   then organizer_id = any (array(select unnest(nullif(current_setting('tessera.organizers', true), '')::uuid[])))
                   else exists (select from catalog.event e
                                 where e.event_id = audit_entry.event_id
                                   and e.organizer_id is not distinct from audit_entry.organizer_id) end);
