-- reservations.open_sales: brings the pools of an event in line with the catalogue, inside its transaction.
--
-- In     p_shift_ms  as reservations.change_batch
--        p_event, p_revision, p_state  what the catalogue now says of the event
--        p_pool, p_slot, p_ticket_type, p_capacity  pools to open or to resize
--        p_closed    pools to remove
-- Out    one row a pool that cannot be so: more is held and sold than its new capacity, or anything at all of
--        one that is to go. Then the caller rolls back.
-- Order  Expired holds of these pools are ended first: they stand in nobody's way.
-- Locks  These pools, the other pools of their expired holds and, where the event is cancelled, all of its
--        pools, once, in pool_id order. So a batch that was priced before is finished, and a later one is stale.
-- Cost   a fixed number of statements
-- Source docs/concepts/reservations.md

create or replace function reservations.open_sales(
  p_shift_ms bigint, p_event uuid, p_revision integer, p_state text,
  p_pool uuid[], p_slot uuid[], p_ticket_type uuid[], p_capacity integer[], p_closed uuid[]
)
returns table (pool_id uuid, capacity integer, held integer, sold integer)
language plpgsql
as $$
#variable_conflict use_column
declare
  v_meant  uuid[] := p_pool || p_closed;
  v_due    uuid[];
begin
  v_due := array(
    select r.reservation_id
      from reservations.reservation r
     where r.state = 'held'
       and r.expires_at <= clock_timestamp() + p_shift_ms * interval '1 millisecond'
       and r.pool_ids && v_meant);
  perform
     from reservations.pool p
    where p.pool_id = any (v_meant)
       or p.pool_id in (select unnest(r.pool_ids) from reservations.reservation r where r.reservation_id = any (v_due))
       or (p_state = 'cancelled' and p.event_id = p_event)
    order by p.pool_id
      for update;
  perform reservations.expire_due(p_shift_ms, v_due);

  return query
    select p.pool_id, coalesce(n.capacity, 0), p.held, p.sold
      from reservations.pool p
      left join unnest(p_pool, p_capacity) n (pool_id, capacity) on n.pool_id = p.pool_id
     where p.pool_id = any (v_meant)
       and p.held + p.sold > coalesce(n.capacity, 0);
  if found then
    return;
  end if;

  insert into reservations.pool (pool_id, event_id, slot_id, ticket_type_id, capacity)
  select n.pool_id, p_event, n.slot_id, n.ticket_type_id, n.capacity
    from unnest(p_pool, p_slot, p_ticket_type, p_capacity) n (pool_id, slot_id, ticket_type_id, capacity)
      on conflict on constraint pool_key do update set capacity = excluded.capacity
   where pool.capacity <> excluded.capacity;

  delete from reservations.pool p where p.pool_id = any (p_closed);

  insert into reservations.sale (event_id, revision, state, settled)
  values (p_event, p_revision, p_state, p_state <> 'cancelled')
      on conflict on constraint sale_key do update
     set revision = excluded.revision,
         state = excluded.state,
         settled = case when sale.state = excluded.state then sale.settled else excluded.settled end;
end;
$$;
