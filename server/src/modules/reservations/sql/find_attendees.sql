-- reservations.find_attendees: the reservations of an event that hold personal data.
--
-- In     p_event        whose
--        p_email        only those of this address, in any case; null for any
--        p_reservation  only this one; null for any
--        p_from         only from this one on; null for all
--        p_until        none that was made after this one; null for all
--        p_limit        so many at most; null for all
-- Out    their ids, in order
-- Locks  none
-- Cost   reads the reservations of the event from p_from on, until there are enough
-- Source docs/concepts/privacy.md

create or replace function reservations.find_attendees(
  p_event uuid, p_email text, p_reservation uuid, p_from uuid, p_until uuid, p_limit integer
)
returns setof uuid
language plpgsql
stable
set enable_seqscan = off
set enable_bitmapscan = off -- in the index's order: then it stops when there are enough
set enable_sort = off
set plan_cache_mode = force_generic_plan
as $$
begin
  return query
    select r.reservation_id
      from reservations.reservation r
     where r.event_id = p_event
       and r.reservation_id >= coalesce(p_from, p_reservation, '00000000-0000-0000-0000-000000000000')
       and r.reservation_id <= coalesce(p_reservation, p_until, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
       and (p_email is null or lower(r.attendee_email) = lower(p_email))
       and (r.attendee_name is not null or r.attendee_email is not null or r.attendee_phone is not null
            or exists (select from reservations.ticket t
                        where t.ticket_id between (left(r.reservation_id::text, 19) || 'a000-000000000000')::uuid
                                              and (left(r.reservation_id::text, 19) || 'afff-ffffffffffff')::uuid
                          and t.reservation_id = r.reservation_id
                          and t.holder_name is not null))
     order by r.reservation_id
     limit p_limit;
end;
$$;
