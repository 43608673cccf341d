-- reservations.change_batch: changes of reservations that exist, many at once.
--
-- One call is one transaction: it takes the locks, dates the batch, decides each request in the order given,
-- and writes what was decided. Only it and reservations.hold_batch write pools' held and sold.
--
-- In     p_shift_ms  how far the server's clock is ahead of the database's (a test clock; 0 in production)
--        then one array element a request:
--        p_action          confirm, extend, exchange, amend, transfer, release, cancel, revoke, expire
--        p_reason          on whose behalf: holder, manager, clock, event_cancelled
--        p_reservation     the one meant. At most once in a batch.
--        p_event           the event it must be of, null for any
--        p_generation      of the holder's token; null when it need not be checked
--        p_key             idempotency key as a uuid, null for none. At most once in a batch.
--        p_fingerprint     of the request that the key stands for
--        p_revision        exchange: the revision of the catalogue it was priced with
--        p_refusal         what the caller has found against it; recorded under its key, nothing is changed
--        p_confirmed       confirm, exchange: money for it is settled
--        p_hold_seconds    extend: how long from now
--        p_slots, p_ticket_types, p_quantities, p_prices   exchange: the lines, as array literals
--        p_pools, p_draws  exchange: the pools the lines draw on and how much, as array literals
--        p_total           what the lines cost
--        p_attendee        true where p_name, p_email and p_phone replace what is stored
--        p_name, p_email, p_phone, p_language
-- Out    one row a request, in order: ordinal (from 1), status, reservation_id, version, at, expires_at,
--        event_id, available (sold_out: what is free in each of p_pools), answer (replayed: what was recorded)
--
-- Status, in order of precedence (if two apply, the first is returned):
--   key_reused                 the key was used for another request
--   replayed                   the key was used for this request: its outcome is returned again
--   the caller's own refusal   p_refusal
--   reservation_not_found      there is none, or it is of another event
--   again                      the world moved between look and lock: nothing was done, ask again
--   token_revoked              the token's generation is not the reservation's
--   reservation_expired        its time has passed
--   reservation_released       its holder gave it back
--   reservation_cancelled      it was cancelled
--   reservation_confirmed      extend, release: it is confirmed already
--   reservation_not_confirmed  cancel: it is only held
--   not_due                    expire: its time has not come
--   unchanged                  it is so already; nothing was written
--   stale                      priced with another revision of the catalogue, or a pool is gone
--   payment_required           confirm, exchange: it costs money that is not settled
--   hold_life_exhausted        extend: it lives as long as it may
--   sold_out                   a pool has fewer places left than it needs
--   done                       applied; version is the ledger entry that says so
--
-- Order  Requests are decided one after another, first come first served; each draws on all of its pools or
--        on none. One that does not fit is refused, a later and smaller one may still be served. Before anyone
--        is refused for want of places, the expired holds of the short pools are ended.
-- Locks  Every pool that any request draws on, before or after, once, in pool_id order. Whoever holds a pool
--        holds all reservations that draw on it: no other lock is needed, and two batches cannot deadlock.
-- Cost   A fixed number of statements a batch; per change three rows (reservation, entry, key) and one a ticket.
-- Source docs/concepts/reservations.md; statuses: APPLY_STATUSES in change-request.ts.

create or replace function reservations.change_batch(
  p_shift_ms bigint,
  p_action text[], p_reason text[], p_reservation uuid[], p_event uuid[], p_generation integer[],
  p_key uuid[], p_fingerprint uuid[], p_revision integer[], p_refusal text[], p_confirmed boolean[],
  p_hold_seconds integer[],
  p_slots text[], p_ticket_types text[], p_quantities text[], p_prices text[], p_pools text[], p_draws text[],
  p_total bigint[], p_attendee boolean[], p_name text[], p_email text[], p_phone text[], p_language text[]
)
returns table (
  ordinal integer, status text, reservation_id uuid, version integer,
  at timestamptz, expires_at timestamptz, event_id uuid, available integer[], answer jsonb
)
language plpgsql
set enable_seqscan = off -- plans are kept for long: a table that was small when they were made must not be scanned when it is large
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_count      integer := cardinality(p_action);
  v_now        timestamptz;
  v_wanted     uuid[];      -- pools to lock
  v_pool       uuid[];      -- pools locked, in id order
  v_free       integer[];   -- what is left in each of them, kept up to date while deciding
  v_short      uuid[];      -- pools that cannot serve everybody
  v_ended      uuid[];      -- expired holds to end first
  v_left_over  boolean := false; -- some expired holds could not be ended in this batch
  v_outcome    text[];      -- per request: the next state, or why not
  v_move_request integer[];
  v_move_pool  integer[];   -- index into v_pool
  v_move_held  integer[];
  v_move_sold  integer[];
  v_first      integer;
  v_next       integer;
  v_fits       boolean;
begin
  -- 1. Lock.
  v_wanted := array(select distinct pool.id from unnest(p_pools) p (list), unnest(p.list::uuid[]) pool (id))
              || array(select distinct pool.id
                         from reservations.reservation r, unnest(r.pool_ids) pool (id)
                        where r.reservation_id = any (p_reservation));
  select array_agg(l.pool_id), array_agg(l.free)
    into v_pool, v_free
    from (select p.pool_id, p.capacity - p.held - p.sold as free
            from reservations.pool p
           where p.pool_id = any (v_wanted)
           order by p.pool_id
             for update) l;
  v_pool := coalesce(v_pool, '{}');

  -- 2. Date. Only now: waiting for a lock may have taken a while.
  v_now := clock_timestamp() + p_shift_ms * interval '1 millisecond';

  -- 3. End expired holds, if somebody would go without.
  v_short := array(
    select l.id
      from (select d.id, sum(d.quantity) as quantity
              from unnest(p_pools, p_draws) p (pools, draws), unnest(p.pools::uuid[], p.draws::integer[]) d (id, quantity)
             group by d.id) w
      join unnest(v_pool, v_free) l (id, free) on l.id = w.id
     where l.free < w.quantity);
  if cardinality(v_short) > 0 then
    select * into v_ended, v_pool, v_free, v_left_over
      from reservations.find_expired(v_short, v_pool, v_free, v_now);
    v_ended := array(select e.id from unnest(v_ended) e (id)
                     where not exists (select from unnest(p_action, p_reservation) q (action, id)
                                        where q.action = 'expire' and q.id = e.id));
    if cardinality(v_ended) > 0 then
      -- They go through the same motions as everybody's request, behind the requests that came.
      p_action := p_action || array_fill('expire'::text, array[cardinality(v_ended)]);
      p_reason := p_reason || array_fill('clock'::text, array[cardinality(v_ended)]);
      p_reservation := p_reservation || v_ended;
    end if;
  end if;

  -- 4. Decide all but the stock.
  select array_agg(
           case
             when k.key is not null and k.fingerprint is distinct from q.fingerprint then 'key_reused'
             when k.key is not null then 'replayed'
             when q.refusal is not null then q.refusal
             when r.reservation_id is null or r.event_id <> q.event then 'reservation_not_found'
             when not r.pool_ids <@ v_pool then 'again'
             when q.generation <> r.generation then 'token_revoked'
             when t.outcome not in ('held', 'confirmed') then t.outcome
             when q.action = 'exchange' and (s.revision is distinct from q.revision
                    or not q.pools::uuid[] <@ v_pool) then 'stale'
             when q.action = 'confirm' and r.total_minor > 0 and q.confirmed is not true then 'payment_required'
             when q.action = 'exchange' and r.state = 'confirmed' and q.total > r.total_minor
                    and q.confirmed is not true then 'payment_required'
             when q.action = 'extend' and r.expires_at >= r.hold_ends_by then 'hold_life_exhausted'
             else t.outcome
           end order by q.ordinal)
    into v_outcome
    from unnest(p_action, p_reservation, p_event, p_generation, p_key, p_fingerprint, p_revision, p_refusal,
                p_confirmed, p_pools, p_total)
           with ordinality q (action, reservation_id, event, generation, key, fingerprint, revision, refusal,
                              confirmed, pools, total, ordinal)
    left join platform.idempotency k on k.key = q.key
    left join reservations.reservation r on r.reservation_id = q.reservation_id
    left join reservations.sale s on s.event_id = r.event_id
   cross join lateral (
     select case when q.action = 'expire' and r.state = 'held' and r.expires_at <= v_now then 'expired'
                 else reservations.transition(
                   case when r.state = 'held' and r.expires_at <= v_now then 'expired' else r.state end, q.action)
            end as outcome) t;

  -- 5. Decide the stock: what each request moves in each pool, and whether there is enough.
  select array_agg(m.request order by m.request, m.pool), array_agg(m.pool order by m.request, m.pool),
         array_agg(m.held order by m.request, m.pool), array_agg(m.sold order by m.request, m.pool)
    into v_move_request, v_move_pool, v_move_held, v_move_sold
    from (
      select m.request, l.index as pool, sum(m.held)::integer as held, sum(m.sold)::integer as sold
        from (
          select q.ordinal::integer as request, d.pool_id,
                 case when q.outcome = 'held' then d.quantity else 0 end as held,
                 case when q.outcome = 'confirmed' then d.quantity else 0 end as sold
            from unnest(p_action, v_outcome, p_pools, p_draws) with ordinality q (action, outcome, pools, draws, ordinal)
           cross join lateral unnest(q.pools::uuid[], q.draws::integer[]) d (pool_id, quantity)
           where q.action = 'exchange' and q.outcome in ('held', 'confirmed')
          union all
          select q.ordinal::integer, d.pool_id,
                 case when r.state = 'held' then -d.quantity else 0 end,
                 case when r.state = 'confirmed' then -d.quantity when q.outcome = 'confirmed' then d.quantity else 0 end
            from unnest(p_action, v_outcome, p_reservation) with ordinality q (action, outcome, reservation_id, ordinal)
            join reservations.reservation r on r.reservation_id = q.reservation_id
           cross join lateral unnest(r.pool_ids, r.pool_quantities) d (pool_id, quantity)
           where (q.action = 'exchange' and q.outcome in ('held', 'confirmed')
                  or q.action = 'confirm' and q.outcome = 'confirmed'
                  or q.outcome in ('released', 'expired', 'cancelled'))
        ) m
        join unnest(v_pool) with ordinality l (id, index) on l.id = m.pool_id
       group by m.request, l.index
    ) m;

  if cardinality(v_short) > 0 and v_move_request is not null then
    -- What is given back by ended holds is there for everybody in the batch.
    for i in 1 .. cardinality(v_move_request) loop
      if v_move_request[i] > v_count then
        v_free[v_move_pool[i]] := v_free[v_move_pool[i]] - v_move_held[i];
      end if;
    end loop;
    v_first := 1;
    while v_first <= cardinality(v_move_request) and v_move_request[v_first] <= v_count loop
      v_next := v_first;
      v_fits := true;
      while v_move_request[v_next] = v_move_request[v_first] loop
        if v_move_held[v_next] + v_move_sold[v_next] > greatest(v_free[v_move_pool[v_next]], 0) then
          v_fits := false;
        end if;
        v_next := v_next + 1;
      end loop;
      if v_fits then
        for i in v_first .. v_next - 1 loop
          v_free[v_move_pool[i]] := v_free[v_move_pool[i]] - v_move_held[i] - v_move_sold[i];
        end loop;
      else
        v_outcome[v_move_request[v_first]] := case when v_left_over then 'again' else 'sold_out' end;
      end if;
      v_first := v_next;
    end loop;
  end if;

  -- 6. Write.
  update reservations.pool p
     set held = p.held + m.held,
         sold = p.sold + m.sold
    from (select v_pool[m.pool] as pool_id, sum(m.held) as held, sum(m.sold) as sold
            from unnest(v_move_request, v_move_pool, v_move_held, v_move_sold) m (request, pool, held, sold)
           where v_outcome[m.request] in ('held', 'confirmed', 'released', 'expired', 'cancelled')
           group by m.pool
          having sum(m.held) <> 0 or sum(m.sold) <> 0) m
   where p.pool_id = m.pool_id;

  perform reservations.apply_changes(
    v_now, p_action, p_reason, p_reservation, v_outcome, p_hold_seconds,
    p_slots, p_ticket_types, p_quantities, p_prices, p_pools, p_draws,
    p_total, p_attendee, p_name, p_email, p_phone, p_language,
    v_pool, v_move_request, v_move_pool, v_move_held, v_move_sold);

  insert into platform.idempotency (key, fingerprint, at, status, subject, version, answer)
  select q.key, q.fingerprint, v_now, 0, q.reservation_id,
         case when q.outcome in ('held', 'confirmed', 'released', 'expired', 'cancelled', 'unchanged')
              then (select r.version from reservations.reservation r where r.reservation_id = q.reservation_id) end,
         case when q.outcome not in ('held', 'confirmed', 'released', 'expired', 'cancelled', 'unchanged')
              then jsonb_build_object('refusal', q.outcome, 'available', reservations.free_in(q.pools::uuid[], v_pool, v_free)) end
    from unnest(p_action, v_outcome, p_key, p_fingerprint, p_reservation, p_pools)
           q (action, outcome, key, fingerprint, reservation_id, pools)
   where q.key is not null
     and q.outcome not in ('key_reused', 'replayed', 'reservation_not_found', 'again', 'token_revoked', 'stale');

  -- 7. Answer.
  return query
    select q.ordinal::integer,
           case when q.outcome in ('held', 'confirmed', 'released', 'expired', 'cancelled') then 'done' else q.outcome end,
           coalesce(k.subject, q.reservation_id),
           case when q.outcome = 'replayed' then k.version else r.version end,
           v_now,
           r.expires_at,
           r.event_id,
           case when q.outcome = 'sold_out' then reservations.free_in(q.pools::uuid[], v_pool, v_free) end,
           k.answer
      from unnest(v_outcome[1:v_count], p_reservation[1:v_count], p_key, p_pools)
             with ordinality q (outcome, reservation_id, key, pools, ordinal)
      left join platform.idempotency k on k.key = q.key and q.outcome = 'replayed'
      left join reservations.reservation r on r.reservation_id = q.reservation_id
     order by q.ordinal;
end;
$$;
