-- reservations.outdated: which of the reservations that are known are not any more as they are known.
--
-- In     p_shift_ms  as reservations.change_batch
--        one array element each: p_reservation, p_version (that they are known at)
-- Out    the places (from 1) of those that stand at another version, or are held past their time
-- Cost   one index look-up a reservation: a sixth of reading it whole
-- Source read-reservation.ts

create or replace function reservations.outdated(p_shift_ms bigint, p_reservation uuid[], p_version integer[])
returns integer[]
language plpgsql
stable
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_now  timestamptz := clock_timestamp() + p_shift_ms * interval '1 millisecond';
begin
  return array(
    select q.ordinal::integer
      from unnest(p_reservation, p_version) with ordinality q (reservation_id, version, ordinal)
      left join reservations.reservation r on r.reservation_id = q.reservation_id
     where r.version is distinct from q.version
        or r.state = 'held' and r.expires_at <= v_now);
end;
$$;
