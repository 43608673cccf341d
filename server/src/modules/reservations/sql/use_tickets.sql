-- reservations.use_tickets: tickets let somebody in for the first time, all of them or none.
--
-- In     p_at      the instant
--        then one array element a ticket, in id order, each once: p_event, which it is of; p_ticket
--        p_is_time whether it is the time to let them in; if not nothing is done
-- Out    one row of arrays, an element a ticket, in order: slot_ids, ticket_type_ids, holder_names. Null where any of the
--        tickets is missing, void, used already or of another event: what could be used is used all the same.
-- Locks  The rows of the tickets, in id order, as reservations.present_tickets.
-- Cost   one statement
-- Source docs/decisions/0023-redemptions.md
-- Open to  admission

create or replace function reservations.use_tickets(
  p_at timestamptz, p_event uuid[], p_ticket uuid[], p_is_time boolean,
  out slot_ids uuid[], out ticket_type_ids uuid[], out holder_names text[]
)
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_event uuid[];
begin
  if not p_is_time then
    return;
  end if;
  with used as (
    update reservations.ticket t
       set used_at = p_at
      from unnest(p_ticket) q (ticket_id) -- one after the other, as they come
     where t.ticket_id = q.ticket_id
       and t.voided_version is null
       and t.used_at is null
    returning t.ticket_id, t.event_id, t.slot_id, t.ticket_type_id, t.holder_name, t.reservation_id)
  select array_agg(u.event_id order by u.ticket_id),
         array_agg(u.slot_id order by u.ticket_id),
         array_agg(u.ticket_type_id order by u.ticket_id),
         array_agg(coalesce(u.holder_name, r.attendee_name) order by u.ticket_id)
    into v_event, slot_ids, ticket_type_ids, holder_names
    from used u
    join reservations.reservation r on r.reservation_id = u.reservation_id;
  if v_event is distinct from p_event then
    slot_ids := null;
  end if;
end;
$$;
