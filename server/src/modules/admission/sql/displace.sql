-- admission.displace: admissions that an earlier presentation of their ticket takes; who was let in with them is surplus.
--
-- In     p_ticket, p_number  the presentations that lose their admission; null: none of that ticket
-- Out    nothing
-- Locks  the presentations, then their tallies, in the order of their keys
-- Cost   two statements
-- Source admission.redeem_batch

create or replace function admission.displace(p_ticket uuid[], p_number integer[])
returns void
language sql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
  with displaced as (
    update admission.redemption r
       set is_counted = false
      from unnest(p_ticket, p_number) q (ticket_id, number)
     where r.ticket_id = q.ticket_id
       and r.number = q.number
    returning r.event_id, r.slot_id, r.ticket_type_id, r.gate)
  update admission.tally t
     set admitted = t.admitted - d.count,
         surplus = t.surplus + d.count
    from (select event_id, slot_id, ticket_type_id, gate, count(*) as count
            from displaced
           group by event_id, slot_id, ticket_type_id, gate
           order by event_id, slot_id, ticket_type_id, gate) d
   where t.event_id = d.event_id
     and t.slot_id = d.slot_id
     and t.ticket_type_id = d.ticket_type_id
     and t.gate = d.gate;
$$;
