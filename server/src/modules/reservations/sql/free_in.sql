-- reservations.free_in: what is left in some of the pools of a batch.
--
-- In     p_pools  the pools asked about
--        p_pool, p_free  the pools of the batch and what is left in each
-- Out    one number a pool asked about, in their order; null for one that is not of the batch
-- Cost   no table is read.
-- Source reservations.hold_batch, reservations.change_batch

create or replace function reservations.free_in(p_pools uuid[], p_pool uuid[], p_free integer[])
returns integer[]
language sql
immutable
as $$
  select array_agg(p_free[array_position(p_pool, p.id)] order by p.ordinal)
    from unnest(p_pools) with ordinality p (id, ordinal)
$$;
