-- reservations.lock_tickets: holds the tickets that a batch may make void, and says where one of them stands against it.
--
-- In     the arrays of reservations.change_batch it needs
-- Out    which requests, counted from 1, a ticket that was used stands against: their holder gives up something that has let
--        somebody in. A manager may. What a payment exchanges is on behalf of who asked for that exchange.
-- Locks  The valid tickets of those reservations, in ticket_id order, as the door does, which locks nothing else: so neither
--        waits for the other in a circle, and what the door lets in at this moment is seen here, or void there.
-- Cost   one statement; another one where a ticket was used. One lock a ticket.
-- Source reservations.change_batch

create or replace function reservations.lock_tickets(
  p_action text[], p_reason text[], p_reservation uuid[], p_ticket_of integer[], p_ticket uuid[]
)
returns integer[]
language plpgsql
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_reservation uuid[];  -- of the tickets that were used
  v_ticket      uuid[];
begin
  select array_agg(l.reservation_id) filter (where l.used_at is not null),
         array_agg(l.ticket_id) filter (where l.used_at is not null)
    into v_reservation, v_ticket
    from (select t.ticket_id, t.reservation_id, t.used_at
            from unnest(p_action, p_reservation) q (action, reservation_id)
            join reservations.ticket t
              on t.ticket_id between (left(q.reservation_id::text, 19) || 'a000-000000000000')::uuid
                                 and (left(q.reservation_id::text, 19) || 'afff-ffffffffffff')::uuid
             and t.reservation_id = q.reservation_id
           where q.action in ('exchange', 'await_exchange', 'transfer', 'cancel', 'revoke', 'return_tickets')
             and t.voided_version is null
           order by t.ticket_id
             for no key update of t) l;
  if v_ticket is null then
    return '{}';
  end if;
  return array(
    select q.ordinal
      from unnest(p_action, p_reason, p_reservation) with ordinality q (action, reason, reservation_id, ordinal)
     where q.reservation_id = any (v_reservation)
       and q.action in ('exchange', 'await_exchange', 'transfer', 'cancel', 'return_tickets')
       and 'holder' = case when q.action = 'exchange' and q.reason = 'payment'
                           then (select e.reason
                                   from reservations.entry e
                                  where e.reservation_id = q.reservation_id
                                    and e.action = 'await_exchange'
                                  order by e.version desc
                                  limit 1)
                           else q.reason end
       and (q.action <> 'return_tickets'
            or exists (select from unnest(p_ticket_of, p_ticket) r (of, ticket_id)
                        where r.of = q.ordinal
                          and r.ticket_id = any (v_ticket))));
end;
$$;
