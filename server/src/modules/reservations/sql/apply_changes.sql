-- reservations.apply_changes: writes what a batch decided about reservations that exist already.
--
-- In     p_now, then the arrays of reservations.change_batch it needs, with p_outcome: the next state of each
--        request, or why it is refused (then nothing is written for it)
--        p_pool, p_move_…  what each request moves in which pool (an index into p_pool)
-- Out    nothing
-- Locks  None of its own: change_batch holds the pools, and whoever holds those holds their reservations.
-- Cost   three rows a change (reservation, entry, its tickets as rows of their own)
-- Source reservations.change_batch

create or replace function reservations.apply_changes(
  p_now timestamptz,
  p_action text[], p_reason text[], p_reservation uuid[], p_outcome text[], p_hold_seconds integer[],
  p_slots text[], p_ticket_types text[], p_quantities text[], p_prices text[], p_pools text[], p_draws text[],
  p_total bigint[], p_attendee boolean[], p_name text[], p_email text[], p_phone text[], p_language text[],
  p_pool uuid[], p_move_request integer[], p_move_pool integer[], p_move_held integer[], p_move_sold integer[]
)
returns void
language plpgsql
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
begin
  with q as materialized (
    select q.*, r.state as old_state
      from unnest(p_action, p_outcome, p_reason, p_reservation, p_hold_seconds,
                  p_slots, p_ticket_types, p_quantities, p_prices, p_pools, p_draws,
                  p_total, p_attendee, p_name, p_email, p_phone, p_language)
             with ordinality q (action, outcome, reason, reservation_id, hold_seconds,
                slots, ticket_types, quantities, prices, pools, draws,
                total, attendee, name, email, phone, language, ordinal)
      join reservations.reservation r on r.reservation_id = q.reservation_id
     where q.outcome in ('held', 'confirmed', 'released', 'expired', 'cancelled')
  ), changed as (
    update reservations.reservation r
       set state = q.outcome,
           version = r.version + 1,
           generation = r.generation + case when q.action = 'transfer' then 1 else 0 end,
           expires_at = case when q.outcome = 'confirmed' then null
                             when q.action = 'extend'
                             then greatest(r.expires_at, least(p_now + q.hold_seconds * interval '1 second', r.hold_ends_by))
                             else r.expires_at end,
           pool_ids = case when q.action = 'exchange' then q.pools::uuid[] else r.pool_ids end,
           pool_quantities = case when q.action = 'exchange' then q.draws::integer[] else r.pool_quantities end,
           total_minor = case when q.action = 'exchange' then q.total else r.total_minor end,
           attendee_name = case when q.attendee then q.name else r.attendee_name end,
           attendee_email = case when q.attendee then q.email else r.attendee_email end,
           attendee_phone = case when q.attendee then q.phone else r.attendee_phone end,
           language = coalesce(q.language, r.language)
      from q
     where r.reservation_id = q.reservation_id
 returning r.reservation_id, r.event_id, r.version, r.state, r.generation, r.expires_at
  ), entered as (
    insert into reservations.entry
           (reservation_id, version, action, reason, state, generation, at, expires_at,
            line_slot_ids, line_ticket_type_ids, line_quantities, line_unit_price_minor,
            pool_ids, held_deltas, sold_deltas)
    select c.reservation_id, c.version, q.action, q.reason, c.state, c.generation, p_now,
           case when c.state = 'held' then c.expires_at end,
           case when q.action = 'exchange' then q.slots::uuid[] else e.line_slot_ids end,
           case when q.action = 'exchange' then q.ticket_types::uuid[] else e.line_ticket_type_ids end,
           case when q.action = 'exchange' then q.quantities::integer[] else e.line_quantities end,
           case when q.action = 'exchange' then q.prices::bigint[] else e.line_unit_price_minor end,
           coalesce(m.pools, '{}'), coalesce(m.held, '{}'), coalesce(m.sold, '{}')
      from changed c
      join q on q.reservation_id = c.reservation_id
      join reservations.entry e on e.reservation_id = c.reservation_id and e.version = c.version - 1
      left join (
        select m.request, array_agg(p_pool[m.pool]) as pools, array_agg(m.held) as held, array_agg(m.sold) as sold
          from unnest(p_move_request, p_move_pool, p_move_held, p_move_sold) m (request, pool, held, sold)
         group by m.request) m on m.request = q.ordinal
 returning reservation_id, version, state, line_slot_ids, line_ticket_type_ids, line_quantities
  ), voided as (
    update reservations.ticket t
       set voided_version = c.version
      from changed c
      join q on q.reservation_id = c.reservation_id
     where q.old_state = 'confirmed'
       and q.action in ('exchange', 'transfer', 'cancel', 'revoke')
       and t.ticket_id between (left(c.reservation_id::text, 19) || 'a000-000000000000')::uuid
                           and (left(c.reservation_id::text, 19) || 'afff-ffffffffffff')::uuid
       and t.reservation_id = c.reservation_id
       and t.voided_version is null
  )
  insert into reservations.ticket
         (ticket_id, reservation_id, event_id, slot_id, ticket_type_id, ordinal, issued_version)
  select reservations.ticket_id(n.reservation_id, n.version, i.ordinal::integer), n.reservation_id, c.event_id,
         i.slot_id, i.ticket_type_id, i.ordinal, n.version
    from entered n
    join changed c on c.reservation_id = n.reservation_id
    join q on q.reservation_id = n.reservation_id
   cross join lateral (
     select l.slot_id, l.ticket_type_id, row_number() over () as ordinal
       from unnest(n.line_slot_ids, n.line_ticket_type_ids, n.line_quantities) l (slot_id, ticket_type_id, quantity),
            generate_series(1, l.quantity)) i
   where n.state = 'confirmed' and q.action in ('confirm', 'exchange', 'transfer');
end;
$$;
