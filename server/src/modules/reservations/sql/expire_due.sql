-- reservations.expire_due: ends holds whose time has passed, inside the caller's transaction.
--
-- In     p_shift_ms      as reservations.change_batch
--        p_reservations  the holds meant; one that is not due (any more) is left as it is
-- Out    nothing
-- Locks  as reservations.change_batch
-- Cost   one batch
-- Source reservations.change_batch

create or replace function reservations.expire_due(p_shift_ms bigint, p_reservations uuid[])
returns void
language plpgsql
as $$
begin
  if cardinality(p_reservations) > 0 then
    perform reservations.change_batch(
      p_shift_ms, '{}',
      array_fill('expire'::text, array[cardinality(p_reservations)]),
      array_fill('clock'::text, array[cardinality(p_reservations)]),
      p_reservations,
      '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
      '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}');
  end if;
end;
$$;
