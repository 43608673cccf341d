-- reservations.any_stale: whether any request was priced with another revision of the catalogue than it has now.
--
-- In     one array element a request: p_event, p_revision (null where nothing was priced)
-- Out    true when there is one
-- Cost   one look for each event
-- Source reservations.hold_batch

create or replace function reservations.any_stale(p_event uuid[], p_revision integer[])
returns boolean
language plpgsql
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
begin
  return exists (
    select from (select distinct q.event, q.revision from unnest(p_event, p_revision) q (event, revision)) q
      left join reservations.sale s on s.event_id = q.event
     where s.revision is distinct from q.revision
       and q.revision is not null);
end;
$$;
