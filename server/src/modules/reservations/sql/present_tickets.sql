-- reservations.present_tickets: how tickets stand that are presented at a door, and that some of them let somebody in.
--
-- In     p_at      the instant
--        then one array element a ticket, each ticket once, in order:
--        p_ticket  its id
--        p_used    whether it lets somebody in, unless it is void
-- Out    one row of arrays, an element a ticket, in order:
--        standings     missing, void, or valid
--        event_ids, slot_ids, ticket_type_ids   of what it is; null where it is missing
--        holder_names  who holds it, as far as it is known
-- Locks  The rows of the tickets that are used, in id order: until the end of the transaction nobody voids them, or uses them again.
--        reservations.change_batch takes them after its pools, the door takes no pools: no circle.
-- Cost   two statements
-- Source docs/decisions/0023-redemptions.md
-- Open to  admission

create or replace function reservations.present_tickets(
  p_at timestamptz, p_ticket uuid[], p_used boolean[],
  out standings text[], out event_ids uuid[], out slot_ids uuid[], out ticket_type_ids uuid[], out holder_names text[]
)
language plpgsql
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
begin
  if true = any (p_used) then
    with locked as (
      select t.ticket_id
        from unnest(p_ticket, p_used) q (ticket_id, used)
        join reservations.ticket t on t.ticket_id = q.ticket_id
       where q.used
         and t.voided_version is null
       order by t.ticket_id
         for no key update of t)
    update reservations.ticket t
       set used_at = p_at
      from locked l
     where t.ticket_id = l.ticket_id
       and t.used_at is null;
  end if;

  -- As they stand now that they are locked.
  select array_agg(case when t.ticket_id is null then 'missing'
                        when t.voided_version is not null then 'void'
                        else 'valid' end order by q.ordinal),
         array_agg(t.event_id order by q.ordinal),
         array_agg(t.slot_id order by q.ordinal),
         array_agg(t.ticket_type_id order by q.ordinal),
         array_agg(coalesce(t.holder_name, r.attendee_name) order by q.ordinal)
    into standings, event_ids, slot_ids, ticket_type_ids, holder_names
    from unnest(p_ticket) with ordinality q (ticket_id, ordinal)
    left join reservations.ticket t on t.ticket_id = q.ticket_id
    left join reservations.reservation r on r.reservation_id = t.reservation_id;
end;
$$;
