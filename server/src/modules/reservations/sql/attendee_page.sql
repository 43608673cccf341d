-- reservations.attendee_page: some reservations of an event with their attendees, each as it stands now.
--
-- In     p_shift_ms  as reservations.change_batch
--        p_event     whose
--        p_after     only those made after this one; null for all
--        p_limit     so many at most
-- Out    one row a reservation, in order of their ids. A hold whose time has passed is `expired`.
-- Cost   two index look-ups a reservation
-- Source docs/concepts/privacy.md

create or replace function reservations.attendee_page(p_shift_ms bigint, p_event uuid, p_after uuid, p_limit integer)
returns table (
  reservation_id uuid, state text, attendee_name text, attendee_email text, attendee_phone text, language text,
  total_minor bigint, currency char(3), created_at timestamptz,
  line_ticket_type_ids uuid[], line_quantities integer[]
)
language plpgsql
stable
set enable_seqscan = off
set enable_bitmapscan = off -- in the index's order: then it stops when there are enough
set enable_sort = off
set enable_hashjoin = off
set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
  return query
    select r.reservation_id,
           case when r.state = 'held' and r.expires_at <= clock_timestamp() + p_shift_ms * interval '1 millisecond'
                then 'expired' else r.state end,
           r.attendee_name, r.attendee_email, r.attendee_phone, r.language,
           r.total_minor, r.currency, r.created_at,
           e.line_ticket_type_ids, e.line_quantities
      from reservations.reservation r
      join reservations.entry e on e.reservation_id = r.reservation_id and e.version = r.version
     where r.event_id = p_event
       and r.exchange_of is null
       and r.reservation_id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
     order by r.reservation_id
     limit p_limit;
end;
$$;
