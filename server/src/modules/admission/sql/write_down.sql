-- admission.write_down: presentations that are decided, as rows and in the tallies of their gates.
--
-- In     p_now, when the batch was dated; then one array element a presentation, in order, those of admission.redeem_batch
--        and what was decided: p_slot, p_ticket_type of the ticket; p_outcome, p_reason; p_passes, whether somebody went
--        through; p_before, how many presentations of the ticket are known; p_replayed, those for which nothing is written
-- Out    nothing
-- Locks  tallies, in the order of their keys
-- Cost   one statement; two where a gate is new
-- Source admission.redeem_batch

create or replace function admission.write_down(
  p_now timestamptz,
  p_event uuid[], p_ticket uuid[], p_slot uuid[], p_ticket_type uuid[], p_gate text[], p_presenter uuid[], p_direction text[],
  p_outcome text[], p_reason text[], p_passes boolean[], p_at bigint[], p_nonce uuid[], p_before integer[], p_replayed boolean[]
)
returns void
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
begin
  with told as (
    insert into admission.redemption
           (event_id, ticket_id, number, slot_id, ticket_type_id, gate, presenter_id, direction, outcome, reason,
            is_let_through, is_counted, presented_at, recorded_at, nonce)
    -- What is no ticket of the event has no number, and is of nothing.
    select q.event_id,
           case when q.outcome <> 'unknown' then q.ticket_id end,
           case when q.outcome <> 'unknown' then q.before + 1 end,
           case when q.outcome <> 'unknown' then q.slot_id end,
           case when q.outcome <> 'unknown' then q.ticket_type_id end,
           q.gate, q.presenter_id, q.direction, q.outcome, q.reason, q.passes,
           q.outcome = 'admitted' and q.passes,
           coalesce(least(to_timestamp(q.at / 1000.0), p_now), p_now),
           p_now, case when q.reason is distinct from 'nonce_reused' then q.nonce end
      from unnest(p_event, p_ticket, p_slot, p_ticket_type, p_gate, p_presenter, p_direction, p_outcome, p_reason,
                  p_passes, p_at, p_nonce, p_before, p_replayed)
             q (event_id, ticket_id, slot_id, ticket_type_id, gate, presenter_id, direction, outcome, reason,
                passes, at, nonce, before, is_replayed)
     where not q.is_replayed
    returning event_id, slot_id, ticket_type_id, gate, direction, outcome, is_let_through, is_counted)
  insert into admission.tally as t
         (event_id, slot_id, ticket_type_id, gate, presented, admitted, surplus, went_out, refused)
  select c.event_id, c.slot_id, c.ticket_type_id, c.gate,
         count(*),
         count(*) filter (where c.is_counted),
         count(*) filter (where c.direction = 'in' and c.is_let_through and not c.is_counted),
         count(*) filter (where c.outcome = 'left'),
         count(*) filter (where not c.is_let_through)
    from told c
   group by c.event_id, c.slot_id, c.ticket_type_id, c.gate
   order by c.event_id, c.slot_id, c.ticket_type_id, c.gate
  on conflict on constraint tally_key do update
     set presented = t.presented + excluded.presented,
         admitted = t.admitted + excluded.admitted,
         surplus = t.surplus + excluded.surplus,
         went_out = t.went_out + excluded.went_out,
         refused = t.refused + excluded.refused;
end;
$$;
