-- reservations.lay_down_ticket: a ticket that let somebody in has been taken back, or is about to be looked at.
--
-- In     p_ticket   its id
--        p_is_used  whether it still lets somebody in
-- Out    nothing
-- Locks  The row of the ticket, as reservations.present_tickets does.
-- Cost   one row
-- Source docs/decisions/0023-redemptions.md
-- Open to  admission

create or replace function reservations.lay_down_ticket(p_ticket uuid, p_is_used boolean)
returns void
language sql
as $$
  update reservations.ticket
     set used_at = case when p_is_used then used_at end
   where ticket_id = p_ticket;
$$;
