-- reservations.erase_attendees: takes the personal data out of some reservations of an event, in whatever state they are.
--
-- Places, states, tokens and codes stay as they are. Each reservation gets an entry `erase` that moves nothing, so
-- that its version is a new one and nobody who keeps it in memory shows it as it was.
--
-- In     p_shift_ms  as reservations.change_batch
--        p_reason    on whose behalf: manager, clock
--        p_event, p_email, p_reservation, p_from, p_until  which, as reservations.find_attendees
--        p_limit     so many at most
-- Out    erased  how many
--        next    from which one on to ask again; null when there is none left
-- Locks  All pools these reservations draw on, in pool_id order, as whoever changes a reservation; then the
--        reservations in id order, because nobody guards those whose pools were removed.
-- Cost   a fixed number of statements; two rows a reservation (reservation, entry) and one a ticket with a holder
-- Source docs/concepts/privacy.md

create or replace function reservations.erase_attendees(
  p_shift_ms bigint, p_reason text,
  p_event uuid, p_email text, p_reservation uuid, p_from uuid, p_until uuid, p_limit integer,
  out erased integer, out next uuid
)
language plpgsql
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_now     timestamptz;
  v_found   uuid[];  -- what is meant, as it was before the locks
  v_pool    uuid[];  -- pools locked
  v_erased  uuid[];
begin
  v_found := array(
    select f.id
      from reservations.find_attendees(p_event, p_email, p_reservation, p_from, p_until, p_limit) f (id));

  select array_agg(l.pool_id)
    into v_pool
    from (select p.pool_id
            from reservations.pool p
           where p.pool_id in (select unnest(r.pool_ids) from reservations.reservation r
                                where r.reservation_id = any (v_found))
           order by p.pool_id
             for update) l;

  -- One that was exchanged meanwhile draws on a pool that is not locked: it is for the next call.
  select array_agg(l.reservation_id)
    into v_erased
    from (select r.reservation_id
            from reservations.reservation r
           where r.reservation_id = any (v_found)
             and (p_email is null or lower(r.attendee_email) = lower(p_email))
             and (r.attendee_name is not null or r.attendee_email is not null or r.attendee_phone is not null
                  or exists (select from reservations.ticket t
                              where t.ticket_id between (left(r.reservation_id::text, 19) || 'a000-000000000000')::uuid
                                                    and (left(r.reservation_id::text, 19) || 'afff-ffffffffffff')::uuid
                                and t.reservation_id = r.reservation_id
                                and t.holder_name is not null))
             and not exists (select from reservations.pool p
                              where p.pool_id = any (r.pool_ids)
                                and not p.pool_id = any (coalesce(v_pool, '{}')))
           order by r.reservation_id
             for update) l;
  v_now := clock_timestamp() + p_shift_ms * interval '1 millisecond';

  update reservations.reservation r
     set version = r.version + 1,
         attendee_name = null,
         attendee_email = null,
         attendee_phone = null
   where r.reservation_id = any (v_erased);

  insert into reservations.entry
         (reservation_id, version, action, reason, state, generation, at, expires_at,
          line_slot_ids, line_ticket_type_ids, line_quantities, line_unit_price_minor,
          pool_ids, held_deltas, sold_deltas)
  select r.reservation_id, r.version, 'erase', p_reason, r.state, r.generation, v_now,
         case when r.state = 'held' then r.expires_at end,
         e.line_slot_ids, e.line_ticket_type_ids, e.line_quantities, e.line_unit_price_minor,
         '{}', '{}', '{}'
    from reservations.reservation r
    join reservations.entry e on e.reservation_id = r.reservation_id and e.version = r.version - 1
   where r.reservation_id = any (v_erased);

  update reservations.ticket t
     set holder_name = null
    from unnest(v_erased) q (reservation_id)
   where t.ticket_id between (left(q.reservation_id::text, 19) || 'a000-000000000000')::uuid
                         and (left(q.reservation_id::text, 19) || 'afff-ffffffffffff')::uuid
     and t.reservation_id = q.reservation_id
     and t.holder_name is not null;

  erased := coalesce(cardinality(v_erased), 0);
  if erased < cardinality(v_found) then
    next := (
      select f.id
        from reservations.find_attendees(
               p_event, p_email, p_reservation, p_from, v_found[cardinality(v_found)], 1) f (id));
  end if;
  if next is null and cardinality(v_found) = p_limit then
    next := v_found[p_limit];
  end if;
end;
$$;
