-- reservations.transition: what an action does to a reservation in a state.
--
-- In     p_state   the state now; a held reservation whose time has passed counts as expired
--        p_action  what is asked; `expire` of a held reservation whose time has passed is not asked of this table:
--                  it is what makes it expired
-- Out    the next state; or `unchanged` when it is so already; or the refusal.
--        The same table as TRANSITIONS in reservation.ts; a test compares all cells.
-- Cost   none: inlined by the planner.
-- Source docs/concepts/reservations.md

create or replace function reservations.transition(p_state text, p_action text)
returns text
language sql
immutable
as $$
  select case p_state
    when 'held' then case p_action
      when 'confirm'  then 'confirmed'
      when 'extend'   then 'held'
      when 'exchange' then 'held'
      when 'amend'    then 'held'
      when 'transfer' then 'held'
      when 'release'  then 'released'
      when 'cancel'   then 'reservation_not_confirmed'
      when 'revoke'   then 'cancelled'
      when 'expire'   then 'not_due'
    end
    when 'confirmed' then case p_action
      when 'confirm'  then 'unchanged'
      when 'extend'   then 'reservation_confirmed'
      when 'exchange' then 'confirmed'
      when 'amend'    then 'confirmed'
      when 'transfer' then 'confirmed'
      when 'release'  then 'reservation_confirmed'
      when 'cancel'   then 'cancelled'
      when 'revoke'   then 'cancelled'
      when 'expire'   then 'not_due'
    end
    when 'released' then case p_action
      when 'release'  then 'unchanged'
      when 'revoke'   then 'unchanged'
      when 'expire'   then 'not_due'
      else 'reservation_released'
    end
    when 'expired' then case p_action
      when 'expire'   then 'unchanged'
      when 'revoke'   then 'unchanged'
      else 'reservation_expired'
    end
    when 'cancelled' then case p_action
      when 'cancel'   then 'unchanged'
      when 'revoke'   then 'unchanged'
      when 'expire'   then 'not_due'
      else 'reservation_cancelled'
    end
  end
$$;
