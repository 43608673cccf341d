-- reservations.free_if_nobody_fits: what is left, where it is too little for every one of the requests.
--
-- In     p_at  the instant of the batch
--        p_pool  the pools drawn on, each once
--        one array element a draw: p_draw_of (the request), p_draw_pool, p_draw_quantity
--        p_requests  how many requests there are
-- Out    what is left in each of p_pool; null when anybody may be served: one of them draws on no pool that is
--        too small for all who draw on it, or an expired hold stands in the way
-- Locks  None. All is read in one snapshot, which is the instant at which they are refused.
-- Cost   one look for each pool
-- Source reservations.hold_batch

create or replace function reservations.free_if_nobody_fits(
  p_at timestamptz, p_pool uuid[], p_draw_of integer[], p_draw_pool uuid[], p_draw_quantity integer[], p_requests integer
)
returns integer[]
language plpgsql
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_short  uuid[];
  v_free   integer[];
begin
  select array_agg(p.pool_id) filter (
           where p.capacity - p.held - p.sold < w.quantity
             and not exists (select from reservations.reservation r
                              where r.state = 'held' and r.expires_at <= p_at and p.pool_id = any (r.pool_ids))),
         array_agg(p.capacity - p.held - p.sold order by w.ordinal)
    into v_short, v_free
    from (select l.pool_id, l.ordinal, min(d.quantity) as quantity
            from unnest(p_pool) with ordinality l (pool_id, ordinal)
            join unnest(p_draw_pool, p_draw_quantity) d (pool_id, quantity) on d.pool_id = l.pool_id
           group by l.pool_id, l.ordinal) w
    left join reservations.pool p on p.pool_id = w.pool_id;
  if v_short is null then
    return null;
  end if;
  if (select count(distinct d.of) from unnest(p_draw_of, p_draw_pool) d (of, pool_id) where d.pool_id = any (v_short))
     < p_requests then
    return null;
  end if;
  return v_free;
end;
$$;
