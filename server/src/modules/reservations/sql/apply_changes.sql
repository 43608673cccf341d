-- reservations.apply_changes: writes what a batch decided about reservations that exist already.
--
-- In     p_now, then the arrays of reservations.change_batch it needs, with p_outcome: the next state of each
--        request, or why it is refused (then nothing is written for it); p_before: the state it was in; p_worth: what it cost
--        p_move_from, p_move_to  which of the moves are each request's own; p_move_…  how much moves in which pool
-- Out    nothing
-- Locks  None of its own: change_batch holds the pools, and whoever holds those holds their reservations; and the tickets.
-- Cost   four statements a batch; three rows a change (reservation, entry, its tickets as rows of their own); where what
--        was confirmed is worth less from now on, a job that gives money back (docs/decisions/0020)
-- Source reservations.change_batch

create or replace function reservations.apply_changes(
  p_now timestamptz,
  p_action text[], p_reason text[], p_reservation uuid[], p_outcome text[], p_before text[], p_worth bigint[],
  p_kept bigint[], p_companion uuid[], p_hold_seconds integer[], p_total bigint[],
  p_attendee boolean[], p_name text[], p_email text[], p_phone text[], p_language text[],
  p_line_from integer[], p_line_to integer[], p_draw_from integer[], p_draw_to integer[],
  p_line_slot uuid[], p_line_ticket_type uuid[], p_line_quantity integer[], p_line_price bigint[],
  p_draw_pool uuid[], p_draw_quantity integer[],
  p_move_from integer[], p_move_to integer[], p_move_pool uuid[], p_move_held integer[], p_move_sold integer[],
  p_ticket_of integer[], p_ticket uuid[]
)
returns void
language plpgsql
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
begin
  if 'await_exchange' = any (p_action) then
    -- Whatever came of it: what was held for an exchange is nobody's reservation of its own.
    update reservations.reservation c
       set exchange_of = q.reservation_id
      from unnest(p_action, p_outcome, p_companion, p_reservation) q (action, outcome, companion, reservation_id)
     where c.reservation_id = q.companion
       and q.action = 'await_exchange'
       and q.outcome <> 'again'
       and c.exchange_of is null;
  end if;

  update reservations.reservation r
     set state = q.outcome,
         version = r.version + 1,
         generation = r.generation + case when q.action = 'transfer' then 1 else 0 end,
         expires_at = case when q.outcome = 'confirmed' then null
                           when q.action = 'extend'
                           then greatest(r.expires_at, least(p_now + q.hold_seconds * interval '1 second', r.hold_ends_by))
                           when q.action = 'await_payment'
                           then greatest(r.expires_at, p_now + q.hold_seconds * interval '1 second')
                           when q.action = 'payment_failed' then r.own_expires_at
                           else r.expires_at end,
         hold_ends_by = case when q.action = 'await_payment'
                             then greatest(r.hold_ends_by, p_now + q.hold_seconds * interval '1 second')
                             when q.action = 'payment_failed' then r.own_ends_by
                             else r.hold_ends_by end,
         own_expires_at = case when q.action = 'await_payment' then r.expires_at
                               when q.action <> 'payment_failed' and q.outcome = 'held' then r.own_expires_at end,
         own_ends_by = case when q.action = 'await_payment' then r.hold_ends_by
                            when q.action <> 'payment_failed' and q.outcome = 'held' then r.own_ends_by end,
         offer_ends_at = case when q.action = 'offer_alternatives' then p_now + q.hold_seconds * interval '1 second' end,
         exchange_id = case when q.action = 'await_exchange' then q.companion
                            when q.action in ('amend', 'transfer') then r.exchange_id end,
         kept_minor = case when q.outcome = 'cancelled' then coalesce(q.kept, 0) end,
         pool_ids = case when n.has_lines then p_draw_pool[q.draw_from : q.draw_to] else r.pool_ids end,
         pool_quantities = case when n.has_lines then p_draw_quantity[q.draw_from : q.draw_to] else r.pool_quantities end,
         total_minor = case when n.has_lines then q.total else r.total_minor end,
         attendee_name = case when q.attendee then q.name else r.attendee_name end,
         attendee_email = case when q.attendee then q.email else r.attendee_email end,
         attendee_phone = case when q.attendee then q.phone else r.attendee_phone end,
         language = coalesce(q.language, r.language)
    from unnest(p_action, p_outcome, p_reservation, p_kept, p_companion, p_hold_seconds, p_draw_from, p_draw_to,
                p_total, p_attendee, p_name, p_email, p_phone, p_language)
           q (action, outcome, reservation_id, kept, companion, hold_seconds, draw_from, draw_to,
              total, attendee, name, email, phone, language),
         lateral (select q.action in ('exchange', 'reclaim', 'accept_alternative', 'return_tickets') as has_lines) n
   where r.reservation_id = q.reservation_id
     and q.outcome in ('held', 'confirmed', 'released', 'expired', 'cancelled');

  if not found then
    return;
  end if;

  insert into reservations.entry
         (reservation_id, version, action, reason, state, generation, at, expires_at,
          line_slot_ids, line_ticket_type_ids, line_quantities, line_unit_price_minor,
          pool_ids, held_deltas, sold_deltas)
  select r.reservation_id, r.version, q.action, q.reason, r.state, r.generation, p_now,
         case when r.state = 'held' then r.expires_at end,
         case when n.has_lines then p_line_slot[q.line_from : q.line_to] else e.line_slot_ids end,
         case when n.has_lines then p_line_ticket_type[q.line_from : q.line_to] else e.line_ticket_type_ids end,
         case when n.has_lines then p_line_quantity[q.line_from : q.line_to] else e.line_quantities end,
         case when n.has_lines then p_line_price[q.line_from : q.line_to] else e.line_unit_price_minor end,
         coalesce(p_move_pool[q.move_from : q.move_to], '{}'),
         -- What its companion held stands in the companion's own entry.
         case when q.companion is null then coalesce(p_move_held[q.move_from : q.move_to], '{}')
              else array_fill(0, array[coalesce(q.move_to - q.move_from + 1, 0)]) end,
         coalesce(p_move_sold[q.move_from : q.move_to], '{}')
    from unnest(p_action, p_outcome, p_reason, p_reservation, p_companion, p_line_from, p_line_to, p_move_from, p_move_to)
           q (action, outcome, reason, reservation_id, companion, line_from, line_to, move_from, move_to)
    join reservations.reservation r on r.reservation_id = q.reservation_id
   cross join lateral (select q.action in ('exchange', 'reclaim', 'accept_alternative', 'return_tickets') as has_lines) n
    left join lateral (
      select e.*
        from reservations.entry e
       where e.reservation_id = r.reservation_id
         and e.version = r.version - 1
         and not n.has_lines
      offset 0 -- looked up only where it is needed
    ) e on true
   where q.outcome in ('held', 'confirmed', 'released', 'expired', 'cancelled');

  if 'confirmed' = any (p_before) then
    update reservations.ticket t
       set voided_version = r.version, voided_at = p_now
      from unnest(p_action, p_outcome, p_before, p_reservation) q (action, outcome, before, reservation_id)
      join reservations.reservation r on r.reservation_id = q.reservation_id
     where q.before = 'confirmed'
       and q.outcome in ('confirmed', 'cancelled')
       and q.action in ('exchange', 'transfer', 'cancel', 'revoke')
       and t.ticket_id between (left(q.reservation_id::text, 19) || 'a000-000000000000')::uuid
                           and (left(q.reservation_id::text, 19) || 'afff-ffffffffffff')::uuid
       and t.reservation_id = q.reservation_id
       and t.voided_version is null;
  end if;

  if cardinality(p_ticket) > 0 then
    update reservations.ticket t
       set voided_version = r.version, voided_at = p_now
      from unnest(p_ticket_of, p_ticket) q (of, ticket_id)
      join reservations.reservation r on r.reservation_id = p_reservation[q.of]
     where t.ticket_id = q.ticket_id
       and t.reservation_id = r.reservation_id
       and t.voided_version is null
       and p_action[q.of] = 'return_tickets'
       and p_outcome[q.of] = 'confirmed';
  end if;

  if 'confirmed' = any (p_outcome) then
    insert into reservations.ticket
           (ticket_id, reservation_id, event_id, slot_id, ticket_type_id, ordinal, issued_version)
    select reservations.ticket_id(r.reservation_id, r.version, i.ordinal::integer), r.reservation_id, r.event_id,
           i.slot_id, i.ticket_type_id, i.ordinal, r.version
      from unnest(p_action, p_outcome, p_reservation) q (action, outcome, reservation_id)
      join reservations.reservation r on r.reservation_id = q.reservation_id
      join reservations.entry e on e.reservation_id = r.reservation_id and e.version = r.version
     cross join lateral (
       select l.slot_id, l.ticket_type_id, row_number() over () as ordinal
         from unnest(e.line_slot_ids, e.line_ticket_type_ids, e.line_quantities) l (slot_id, ticket_type_id, quantity),
              generate_series(1, l.quantity)) i
     where q.outcome = 'confirmed'
       and q.action in ('confirm', 'exchange', 'transfer', 'reclaim', 'accept_alternative');
  end if;

  -- What was paid for may be worth less now; what waits for a payment may be gone. Whoever has the money hears of it.
  if exists (select from unnest(p_worth) w (worth) where w.worth > 0) then
    insert into platform.outbox (name, payload)
    select 'reservation.worth-changed', jsonb_build_object('reservationId', q.reservation_id)
      from unnest(p_action, p_outcome, p_worth, p_reservation) q (action, outcome, worth, reservation_id)
     where q.worth > 0
       and (q.action in ('cancel', 'revoke') and q.outcome = 'cancelled'
            or q.action in ('exchange', 'return_tickets', 'accept_alternative') and q.outcome = 'confirmed');
  end if;

  if cardinality(p_companion) > 0 then
    with ended as (
      update reservations.reservation c
         set state = 'released', version = c.version + 1, own_expires_at = null, own_ends_by = null
        from unnest(p_action, p_outcome, p_reason, p_companion) q (action, outcome, reason, companion)
       where c.reservation_id = q.companion
         and c.state = 'held'
         and q.action in ('exchange', 'drop_exchange')
         and q.outcome = 'confirmed'
      returning c.*, q.reason)
    insert into reservations.entry
           (reservation_id, version, action, reason, state, generation, at, expires_at,
            line_slot_ids, line_ticket_type_ids, line_quantities, line_unit_price_minor,
            pool_ids, held_deltas, sold_deltas)
    select c.reservation_id, c.version, 'release', c.reason, c.state, c.generation, p_now, null,
           e.line_slot_ids, e.line_ticket_type_ids, e.line_quantities, e.line_unit_price_minor,
           c.pool_ids, array(select -d.quantity from unnest(c.pool_quantities) with ordinality d (quantity, ordinal)
                              order by d.ordinal),
           array_fill(0, array[cardinality(c.pool_ids)])
      from ended c
      join reservations.entry e on e.reservation_id = c.reservation_id and e.version = c.version - 1;
  end if;
end;
$$;
