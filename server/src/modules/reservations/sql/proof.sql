-- reservations.proof: whether the counters of an event's pools equal the ledger.
--
-- In     p_event  whose
-- Out    one row a pool: its counters, what its entries add up to, and what its live reservations draw on it
-- Locks  none; one statement, so one instant
-- Cost   reads all entries of the event
-- Source docs/concepts/reservations.md

create or replace function reservations.proof(p_event uuid)
returns table (
  pool_id uuid, slot_id uuid, ticket_type_id uuid, capacity integer, held integer, sold integer,
  ledger_held bigint, ledger_sold bigint, drawn_held bigint, drawn_sold bigint
)
language sql
stable
as $$
  select p.pool_id, p.slot_id, p.ticket_type_id, p.capacity, p.held, p.sold,
         coalesce(l.held, 0), coalesce(l.sold, 0), coalesce(d.held, 0), coalesce(d.sold, 0)
    from reservations.pool p
    left join (
      select m.pool_id, sum(m.held) as held, sum(m.sold) as sold
        from reservations.reservation r
        join reservations.entry e on e.reservation_id = r.reservation_id
       cross join unnest(e.pool_ids, e.held_deltas, e.sold_deltas) m (pool_id, held, sold)
       where r.event_id = p_event
       group by m.pool_id) l on l.pool_id = p.pool_id
    left join (
      select m.pool_id,
             sum(m.quantity) filter (where r.state = 'held') as held,
             sum(m.quantity) filter (where r.state = 'confirmed') as sold
        from reservations.reservation r
       cross join unnest(r.pool_ids, r.pool_quantities) m (pool_id, quantity)
       where r.event_id = p_event
         and r.state in ('held', 'confirmed')
       group by m.pool_id) d on d.pool_id = p.pool_id
   where p.event_id = p_event
   order by p.pool_id
$$;
