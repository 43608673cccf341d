-- admission.undo_admission: takes back the latest admission of a ticket, as if nobody had been let in.
--
-- In     p_shift_ms  how far the server's clock is ahead of the database's
--        p_ticket
-- Out    one row: is_undone, whether there was one; admitted, how many the ticket still has; inside, how many of those are in;
--        event_id, of the presentation
-- Order  If somebody went out with the admission that is taken back, that is taken back too: nobody went out who never was in.
-- Locks  The row of the ticket, as admission.redeem_batch; then presentations; then tallies, in the order of their keys.
-- Cost   six statements
-- Source docs/decisions/0023-redemptions.md

create or replace function admission.undo_admission(
  p_shift_ms bigint, p_ticket uuid,
  out is_undone boolean, out admitted integer, out inside integer, out event_id uuid
)
language plpgsql
as $$
#variable_conflict use_column
declare
  v_now    timestamptz := clock_timestamp() + p_shift_ms * interval '1 millisecond';
  v_number integer;
  v_left   integer;
  v_out    integer;  -- the number of the leaving that is taken back with it
begin
  perform reservations.lay_down_ticket(p_ticket, true);

  select (count(*) filter (where r.is_counted))::integer,
         max(r.number) filter (where r.is_counted),
         (count(*) filter (where r.outcome = 'left' and r.undone_at is null))::integer,
         max(r.number) filter (where r.outcome = 'left' and r.undone_at is null)
    into admitted, v_number, v_left, v_out
    from admission.redemption r
   where r.ticket_id = p_ticket;

  is_undone := v_number is not null;
  if is_undone then
    admitted := admitted - 1;
    if v_left > admitted then
      v_left := v_left - 1;
    else
      v_out := null;
    end if;
    with undone as (
      update admission.redemption r
         set undone_at = v_now, is_counted = false, recorded_at = v_now
       where r.ticket_id = p_ticket
         and r.number in (v_number, v_out)
      returning r.event_id, r.slot_id, r.ticket_type_id, r.gate, r.direction)
    update admission.tally t
       set admitted = t.admitted - u.came_in,
           went_out = t.went_out - u.went_out
      from (select event_id, slot_id, ticket_type_id, gate,
                   count(*) filter (where direction = 'in') as came_in,
                   count(*) filter (where direction = 'out') as went_out
              from undone
             group by event_id, slot_id, ticket_type_id, gate
             order by event_id, slot_id, ticket_type_id, gate) u
     where t.event_id = u.event_id
       and t.slot_id = u.slot_id
       and t.ticket_type_id = u.ticket_type_id
       and t.gate = u.gate;
    if admitted = 0 then
      perform reservations.lay_down_ticket(p_ticket, false);
    end if;
  end if;

  inside := admitted - v_left;
  select r.event_id into event_id from admission.redemption r where r.ticket_id = p_ticket limit 1;
end;
$$;
