-- reservations.find_expired: the expired holds that still take places in pools that are short, with all of their pools locked.
--
-- In     p_short  pools that cannot serve everybody
--        p_pool   the pools that are locked
--        p_now    the instant of the batch
-- Out    ended      reservations to end: held, expired, every pool of theirs locked
--        left_over  true when there are more expired holds than could be ended: some pool of theirs is locked
--                   by somebody else, or they are too many for one batch
-- Locks  The other pools of those holds, in id order, passing over those that somebody else has: waiting here
--        would be out of order and could deadlock.
-- Cost   one scan of the holds that have expired and not been ended; at most 1,000 are ended at once.
-- Source reservations.hold_batch, reservations.change_batch

create or replace function reservations.find_expired(
  p_short uuid[], p_pool uuid[], p_now timestamptz, out ended uuid[], out left_over boolean
)
language plpgsql
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_found  uuid[];
  v_other  uuid[];
begin
  select coalesce(array_agg(f.reservation_id), '{}')
    into v_found
    from (select r.reservation_id
            from reservations.reservation r
           where r.state = 'held'
             and r.expires_at <= p_now
             and r.pool_ids && p_short
           order by r.expires_at
           limit 1001) f;
  select array_agg(l.pool_id)
    into v_other
    from (select p.pool_id
            from reservations.pool p
           where p.pool_id in (select unnest(r.pool_ids) from reservations.reservation r
                                where r.reservation_id = any (v_found)
                                  and not r.pool_ids <@ p_pool)
             and not p.pool_id = any (p_pool)
           order by p.pool_id
             for update skip locked) l;
  ended := array(
    select r.reservation_id
      from reservations.reservation r
     where r.reservation_id = any (v_found[1:1000])
       and r.state = 'held'
       and r.expires_at <= p_now
       and r.pool_ids <@ (p_pool || v_other));
  left_over := cardinality(ended) < cardinality(v_found);
end;
$$;
