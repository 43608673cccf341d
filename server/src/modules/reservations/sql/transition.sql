-- reservations.transition: what an action does to a reservation, as it stands.
--
-- In     p_standing  its state; a held one whose time has passed counts as expired, one that waits for a payment as
--                    awaiting_payment
--        p_action    what is asked; what ends a hold that is past its time is not asked of this table
-- Out    the next state; or `unchanged` when it is so already; or the refusal.
--        The same table as TRANSITIONS in reservation.ts; a test compares all cells.
-- Cost   none: inlined by the planner.
-- Source docs/concepts/reservations.md

create or replace function reservations.transition(p_standing text, p_action text)
returns text
language sql
immutable
as $$
  select case p_standing
    when 'held' then case p_action
      when 'confirm'            then 'confirmed'
      when 'extend'             then 'held'
      when 'exchange'           then 'held'
      when 'amend'              then 'held'
      when 'transfer'           then 'held'
      when 'release'            then 'released'
      when 'cancel'             then 'reservation_not_confirmed'
      when 'revoke'             then 'cancelled'
      when 'expire'             then 'not_due'
      when 'await_payment'      then 'held'
      when 'payment_failed'     then 'unchanged'
      when 'reclaim'            then 'reservation_not_expired'
      when 'offer_alternatives' then 'reservation_not_expired'
      when 'accept_alternative' then 'reservation_not_expired'
      when 'give_up'            then 'reservation_not_expired'
      when 'await_exchange'     then 'reservation_not_confirmed'
      when 'drop_exchange'      then 'unchanged'
      when 'return_tickets'     then 'reservation_not_confirmed'
    end
    when 'awaiting_payment' then case p_action
      when 'confirm'            then 'confirmed'
      when 'extend'             then 'payment_in_progress'
      when 'exchange'           then 'payment_in_progress'
      when 'amend'              then 'held'
      when 'transfer'           then 'held'
      when 'release'            then 'payment_in_progress'
      when 'cancel'             then 'reservation_not_confirmed'
      when 'revoke'             then 'cancelled'
      when 'expire'             then 'not_due'
      when 'await_payment'      then 'unchanged'
      when 'payment_failed'     then 'held'
      when 'reclaim'            then 'reservation_not_expired'
      when 'offer_alternatives' then 'reservation_not_expired'
      when 'accept_alternative' then 'reservation_not_expired'
      when 'give_up'            then 'reservation_not_expired'
      when 'await_exchange'     then 'reservation_not_confirmed'
      when 'drop_exchange'      then 'unchanged'
      when 'return_tickets'     then 'reservation_not_confirmed'
    end
    when 'confirmed' then case p_action
      when 'confirm'            then 'unchanged'
      when 'extend'             then 'reservation_confirmed'
      when 'exchange'           then 'confirmed'
      when 'amend'              then 'confirmed'
      when 'transfer'           then 'confirmed'
      when 'release'            then 'reservation_confirmed'
      when 'cancel'             then 'cancelled'
      when 'revoke'             then 'cancelled'
      when 'expire'             then 'not_due'
      when 'await_payment'      then 'reservation_confirmed'
      when 'payment_failed'     then 'unchanged'
      when 'reclaim'            then 'unchanged'
      when 'offer_alternatives' then 'reservation_confirmed'
      when 'accept_alternative' then 'unchanged'
      when 'give_up'            then 'reservation_confirmed'
      when 'await_exchange'     then 'confirmed'
      when 'drop_exchange'      then 'confirmed'
      when 'return_tickets'     then 'confirmed'
    end
    when 'released' then case p_action
      when 'confirm'            then 'reservation_released'
      when 'extend'             then 'reservation_released'
      when 'exchange'           then 'reservation_released'
      when 'amend'              then 'reservation_released'
      when 'transfer'           then 'reservation_released'
      when 'release'            then 'unchanged'
      when 'cancel'             then 'reservation_released'
      when 'revoke'             then 'unchanged'
      when 'expire'             then 'not_due'
      when 'await_payment'      then 'reservation_released'
      when 'payment_failed'     then 'unchanged'
      when 'reclaim'            then 'reservation_released'
      when 'offer_alternatives' then 'reservation_released'
      when 'accept_alternative' then 'reservation_released'
      when 'give_up'            then 'unchanged'
      when 'await_exchange'     then 'reservation_released'
      when 'drop_exchange'      then 'unchanged'
      when 'return_tickets'     then 'reservation_released'
    end
    when 'expired' then case p_action
      when 'confirm'            then 'reservation_expired'
      when 'extend'             then 'reservation_expired'
      when 'exchange'           then 'reservation_expired'
      when 'amend'              then 'reservation_expired'
      when 'transfer'           then 'reservation_expired'
      when 'release'            then 'reservation_expired'
      when 'cancel'             then 'reservation_expired'
      when 'revoke'             then 'unchanged'
      when 'expire'             then 'unchanged'
      when 'await_payment'      then 'reservation_expired'
      when 'payment_failed'     then 'unchanged'
      when 'reclaim'            then 'confirmed'
      when 'offer_alternatives' then 'expired'
      when 'accept_alternative' then 'confirmed'
      when 'give_up'            then 'cancelled'
      when 'await_exchange'     then 'reservation_expired'
      when 'drop_exchange'      then 'unchanged'
      when 'return_tickets'     then 'reservation_expired'
    end
    when 'cancelled' then case p_action
      when 'confirm'            then 'reservation_cancelled'
      when 'extend'             then 'reservation_cancelled'
      when 'exchange'           then 'reservation_cancelled'
      when 'amend'              then 'reservation_cancelled'
      when 'transfer'           then 'reservation_cancelled'
      when 'release'            then 'reservation_cancelled'
      when 'cancel'             then 'unchanged'
      when 'revoke'             then 'unchanged'
      when 'expire'             then 'not_due'
      when 'await_payment'      then 'reservation_cancelled'
      when 'payment_failed'     then 'unchanged'
      when 'reclaim'            then 'reservation_cancelled'
      when 'offer_alternatives' then 'reservation_cancelled'
      when 'accept_alternative' then 'reservation_cancelled'
      when 'give_up'            then 'unchanged'
      when 'await_exchange'     then 'reservation_cancelled'
      when 'drop_exchange'      then 'unchanged'
      when 'return_tickets'     then 'reservation_cancelled'
    end
  end
$$;
