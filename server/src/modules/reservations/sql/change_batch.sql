-- reservations.change_batch: changes of reservations that exist, many at once.
--
-- One call is one transaction: it takes the locks, dates the batch, decides each request in the order given,
-- and writes what was decided. Only it and reservations.hold_batch write pools' held and sold.
--
-- In     p_shift_ms  how far the server's clock is ahead of the database's (a test clock; 0 in production)
--        p_pool      the pools that exchanges draw on, each once, in id order
--        then one array element a request, in order; an empty array where all are null:
--        p_action          one of RESERVATION_ACTIONS (reservation.ts)
--        p_reason          on whose behalf: holder, manager, clock, event_cancelled, payment
--        p_reservation     the one meant. At most once in a batch.
--        p_event           the event it must be of, null for any
--        p_generation      of the holder's token; null when it need not be checked
--        p_key             idempotency key as a uuid, null for none. At most once in a batch.
--        p_fingerprint     of the request that the key stands for
--        p_version         the ledger entry it must stand at, null for any
--        p_revision        with lines: the revision of the catalogue they were priced with
--        p_refusal         what the caller has found against it; recorded under its key, nothing is changed
--        p_paid            confirm, exchange, reclaim: what is paid for it in all; await_payment: what is to be paid
--        p_kept            cancel: what of that the organizer keeps
--        p_companion       the reservation that holds what an exchange needs: one to wait for (await_exchange), or one that ends
--                          with it, if it is still held (exchange, drop_exchange). Neither twice in a batch, nor itself changed in it.
--                          One to wait for belongs to the reservation from then on, whatever becomes of the request.
--        p_hold_seconds    extend, await_payment, offer_alternatives: how long from now
--        p_total           with lines: what they cost
--        p_attendee        true where p_name, p_email and p_phone replace what is stored
--        p_name, p_email, p_phone, p_language
--        p_line_from, p_line_to, p_draw_from, p_draw_to   exchange, reclaim, accept_alternative, return_tickets: which of the
--                          lines and draws are its own
--        then one element a line:    p_line_slot, p_line_ticket_type, p_line_quantity, p_line_price
--        then one element a draw:    p_draw_of (the request), p_draw_pool, p_draw_quantity
--        then one element a ticket:  p_ticket_of (the request), p_ticket: return_tickets, those that are returned
-- Out    one row a request, in order: its status; version, the ledger entry it stands at after it; event_id;
--        available (sold_out: what is free in each pool it draws on, in the order of its draws); answer (replayed:
--        what was recorded); and, where it is done, the reservation as it stands now. Its lines are told
--        unless they are those of the request, its tickets never.
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
--   reservation_not_confirmed  cancel, await_exchange, return_tickets: it is only held
--   reservation_not_expired    reclaim, offer_alternatives, accept_alternative, give_up: it is held
--   payment_in_progress        extend, exchange, release: a payment for it is under way
--   not_due                    expire: its time has not come
--   unchanged                  it is so already; nothing was written
--   ticket_used                cancel, exchange, await_exchange, transfer, return_tickets: a ticket that its holder would give up has
--                              let somebody in
--   stale                      it stands at another entry or at another price, its lines were priced with another revision
--                              of the catalogue, or a pool is gone
--   exchange_dropped           exchange with a companion, drop_exchange: it waits for another one, or for none
--   payment_required           confirm, exchange, reclaim, accept_alternative: it costs more than is paid
--   hold_life_exhausted        extend: it lives as long as it may
--   sold_out                   a pool has fewer places left than it needs
--   done                       applied; version is the ledger entry that says so
--
-- Order  Requests are decided one after another, first come first served; each draws on all of its pools or
--        on none. One that does not fit is refused, a later and smaller one may still be served. Before anyone
--        is refused for want of places, the expired holds of the short pools are ended.
-- Locks  Every pool that any request draws on, before or after, once, in pool_id order. Whoever holds a pool
--        holds all reservations that draw on it: no other lock is needed, and two batches cannot deadlock.
--        After them, in id order, those reservations that draw on no pool: what an exchange waits with may lack no places.
--        Last, in ticket_id order, tickets that may become void (lock_tickets): the door, which locks nothing else, may be
--        using them.
-- Cost   A fixed number of statements a batch; per change three rows (reservation, entry, key) and one a ticket.
-- Source docs/concepts/reservations.md; statuses: APPLY_STATUSES in change-request.ts.

create or replace function reservations.change_batch(
  p_shift_ms bigint, p_pool uuid[],
  p_action text[], p_reason text[], p_reservation uuid[], p_event uuid[], p_generation integer[],
  p_key uuid[], p_fingerprint uuid[], p_version integer[], p_revision integer[], p_refusal text[], p_paid bigint[],
  p_kept bigint[], p_companion uuid[], p_hold_seconds integer[], p_total bigint[],
  p_attendee boolean[], p_name text[], p_email text[], p_phone text[], p_language text[],
  p_line_from integer[], p_line_to integer[], p_draw_from integer[], p_draw_to integer[],
  p_line_slot uuid[], p_line_ticket_type uuid[], p_line_quantity integer[], p_line_price bigint[],
  p_draw_of integer[], p_draw_pool uuid[], p_draw_quantity integer[], p_ticket_of integer[], p_ticket uuid[]
)
returns table (
  status text, version integer, event_id uuid, available integer[], answer jsonb,
  state text, generation integer, created_at timestamptz, expires_at timestamptz,
  own_expires_at timestamptz, offer_ends_at timestamptz, exchange_id uuid, exchange_of uuid, kept_minor bigint, currency char(3),
  attendee_name text, attendee_email text, attendee_phone text, language text,
  line_slot_ids uuid[], line_ticket_type_ids uuid[], line_quantities integer[], line_unit_price_minor bigint[]
)
language plpgsql
set enable_seqscan = off -- plans are kept for long: a table that was small when they were made must not be scanned when it is large
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_now        timestamptz;
  v_pool       uuid[];      -- pools locked, in id order
  v_free       integer[];   -- what is left in each of them, kept up to date while deciding
  v_gone       boolean;     -- some pool that is drawn on is not there
  v_short      uuid[];      -- pools that cannot serve everybody
  v_ended      uuid[];      -- expired holds that were ended for them
  v_left_over  boolean := false; -- some expired holds could not be ended in this batch
  v_used       integer[] := '{}'; -- requests that a ticket which was used stands against
  v_outcome    text[];      -- per request: the next state, or why not
  v_before     text[];      -- per request: the state it was in
  v_worth      bigint[];    -- per request: what it cost
  v_move_request integer[];
  v_move_pool  uuid[];
  v_move_held  integer[];
  v_move_sold  integer[];
  v_move_from  integer[];   -- per request: the first and the last of its moves; null where it moves nothing
  v_move_to    integer[];
  v_index      integer;
  v_fits       boolean;
begin
  -- 1. Lock.
  select array_agg(l.pool_id), array_agg(l.free)
    into v_pool, v_free
    from (select p.pool_id, p.capacity - p.held - p.sold as free
            from reservations.pool p
           where p.pool_id = any (p_pool || array(
                   select distinct pool.id
                     from unnest(p_reservation || p_companion) q (id)
                     join reservations.reservation r on r.reservation_id = q.id
                    cross join lateral unnest(r.pool_ids) pool (id)))
           order by p.pool_id
             for update) l;
  v_pool := coalesce(v_pool, '{}');
  v_gone := not p_pool <@ v_pool;
  -- No pool stands for a reservation that draws on none. Only payments and exchanges have such.
  if p_action && '{await_payment,payment_failed,expire,revoke,await_exchange,drop_exchange,exchange}'::text[] then
    perform from reservations.reservation r
      where r.reservation_id = any (p_reservation || p_companion)
        and r.pool_ids = '{}'
      order by r.reservation_id
        for update;
  end if;
  if p_action && '{exchange,await_exchange,transfer,cancel,revoke,return_tickets}'::text[] then
    v_used := reservations.lock_tickets(p_action, p_reason, p_reservation, p_ticket_of, p_ticket);
  end if;

  -- 2. Date. Only now: waiting for a lock may have taken a while.
  v_now := clock_timestamp() + p_shift_ms * interval '1 millisecond';

  -- 3. End expired holds, if somebody would go without.
  if cardinality(p_draw_pool) > 0 then
    v_short := array(
      select d.pool_id
        from unnest(p_draw_pool, p_draw_quantity) d (pool_id, quantity)
       where d.pool_id = any (v_pool)
       group by d.pool_id
      having sum(d.quantity) > v_free[array_position(v_pool, d.pool_id)]);
  end if;
  if cardinality(v_short) > 0 then
    select f.ended, f.left_over into v_ended, v_left_over
      from reservations.find_expired(v_short, v_pool, v_now) f;
    if cardinality(v_ended) > 0 then
      perform reservations.expire_due(p_shift_ms, v_ended);
      v_free := array(select p.capacity - p.held - p.sold from reservations.pool p
                       where p.pool_id = any (v_pool) order by p.pool_id);
    end if;
  end if;

  -- 4. Decide all but the stock.
  select array_agg(
           case
             when k.key is not null and k.fingerprint is distinct from q.fingerprint then 'key_reused'
             when k.key is not null then 'replayed'
             when q.refusal is not null then q.refusal
             when r.reservation_id is null or r.event_id <> q.event then 'reservation_not_found'
             when not r.pool_ids <@ v_pool or not c.pool_ids <@ v_pool then 'again'
             when q.generation <> r.generation then 'token_revoked'
             when t.outcome not in ('held', 'confirmed', 'released', 'expired', 'cancelled') then t.outcome
             when q.ordinal = any (v_used) then 'ticket_used'
             when q.version <> r.version then 'stale'
             when q.action = 'await_payment' and q.paid <> r.total_minor then 'stale'
             when q.action in ('exchange', 'reclaim', 'accept_alternative', 'return_tickets') and (s.revision is distinct from q.revision
                    or v_gone and not p_draw_pool[q.draw_from : q.draw_to] <@ v_pool) then 'stale'
             when q.action in ('exchange', 'drop_exchange') and q.companion <> r.exchange_id
                    or q.action in ('exchange', 'drop_exchange') and q.companion is not null and r.exchange_id is null
                    then 'exchange_dropped'
             when q.action = 'confirm' and r.total_minor > coalesce(q.paid, 0) then 'payment_required'
             when q.action = 'reclaim' and q.total > coalesce(q.paid, 0) then 'payment_required'
             when q.action = 'accept_alternative' and q.total > r.total_minor then 'payment_required'
             when q.action = 'exchange' and r.state = 'confirmed' and q.total > coalesce(q.paid, r.total_minor)
                    then 'payment_required'
             when q.action = 'extend' and r.expires_at >= r.hold_ends_by then 'hold_life_exhausted'
             else t.outcome
           end order by q.ordinal),
         array_agg(r.state order by q.ordinal),
         array_agg(r.total_minor order by q.ordinal)
    into v_outcome, v_before, v_worth
    from unnest(p_action, p_reservation, p_event, p_generation, p_key, p_fingerprint, p_version, p_revision, p_refusal,
                p_paid, p_companion, p_draw_from, p_draw_to, p_total)
           with ordinality q (action, reservation_id, event, generation, key, fingerprint, version, revision, refusal,
                              paid, companion, draw_from, draw_to, total, ordinal)
    left join platform.idempotency k on k.key = q.key
    left join reservations.reservation r on r.reservation_id = q.reservation_id
    left join reservations.reservation c on c.reservation_id = q.companion
    left join reservations.sale s
           on s.event_id = case when q.action in ('exchange', 'reclaim', 'accept_alternative', 'return_tickets') then r.event_id end
   cross join lateral (
     select case when r.state = 'held' and (q.action = 'expire' and r.expires_at <= v_now
                                            or q.action = 'payment_failed' and r.own_expires_at <= v_now) then 'expired'
                 when q.action = 'accept_alternative' and (r.state = 'expired' or r.state = 'held' and r.expires_at <= v_now)
                      and (r.offer_ends_at > v_now) is not true
                 then 'reservation_expired'
                 when q.action = 'offer_alternatives' and r.offer_ends_at is not null then 'unchanged'
                 else reservations.transition(
                   case when r.state <> 'held' then r.state
                        when r.expires_at <= v_now then 'expired'
                        when r.own_expires_at is not null then 'awaiting_payment'
                        else 'held' end, q.action)
            end as outcome) t;

  -- 5. Decide the stock: what each request moves in each pool, and whether there is enough.
  select array_agg(m.request), array_agg(m.pool), array_agg(m.held), array_agg(m.sold)
    into v_move_request, v_move_pool, v_move_held, v_move_sold
    from (
      select m.request, m.pool_id as pool, sum(m.held)::integer as held, sum(m.sold)::integer as sold
        from (
          select d.of as request, d.pool_id,
                 case when v_outcome[d.of] = 'held' then d.quantity else 0 end as held,
                 case when v_outcome[d.of] = 'confirmed' then d.quantity else 0 end as sold
            from unnest(p_draw_of, p_draw_pool, p_draw_quantity) d (of, pool_id, quantity)
           where v_outcome[d.of] in ('held', 'confirmed')
          union all
          select q.ordinal::integer, d.pool_id,
                 case when r.state = 'held' then -d.quantity else 0 end,
                 case when r.state = 'confirmed' then -d.quantity when q.action = 'confirm' then d.quantity else 0 end
            from unnest(p_action, v_outcome, p_reservation) with ordinality q (action, outcome, reservation_id, ordinal)
            join reservations.reservation r on r.reservation_id = q.reservation_id
           cross join lateral unnest(r.pool_ids, r.pool_quantities) d (pool_id, quantity)
           where q.action in ('exchange', 'reclaim', 'accept_alternative', 'return_tickets') and q.outcome in ('held', 'confirmed')
              or q.action = 'confirm' and q.outcome = 'confirmed'
              or q.outcome in ('released', 'expired', 'cancelled') and r.state in ('held', 'confirmed')
          union all
          -- What was held for an exchange is given up for it.
          select q.ordinal::integer, d.pool_id, -d.quantity, 0
            from unnest(p_action, v_outcome, p_companion) with ordinality q (action, outcome, companion, ordinal)
            join reservations.reservation c on c.reservation_id = q.companion
           cross join lateral unnest(c.pool_ids, c.pool_quantities) d (pool_id, quantity)
           where q.action in ('exchange', 'drop_exchange') and q.outcome = 'confirmed' and c.state = 'held'
        ) m
       group by m.request, m.pool_id
       order by 1, 2
    ) m;

  v_move_from := array_fill(null::integer, array[cardinality(p_action)]);
  v_move_to := v_move_from;
  for i in 1 .. coalesce(cardinality(v_move_request), 0) loop
    v_move_from[v_move_request[i]] := coalesce(v_move_from[v_move_request[i]], i);
    v_move_to[v_move_request[i]] := i;
  end loop;

  if cardinality(v_short) > 0 then
    for request in 1 .. cardinality(p_action) loop
      continue when v_move_from[request] is null;
      v_fits := true;
      for i in v_move_from[request] .. v_move_to[request] loop
        v_index := array_position(v_pool, v_move_pool[i]);
        v_fits := v_fits and v_move_held[i] + v_move_sold[i] <= greatest(v_free[v_index], 0);
      end loop;
      if not v_fits then
        v_outcome[request] := case when v_left_over then 'again' else 'sold_out' end;
      else
        for i in v_move_from[request] .. v_move_to[request] loop
          v_index := array_position(v_pool, v_move_pool[i]);
          v_free[v_index] := v_free[v_index] - v_move_held[i] - v_move_sold[i];
        end loop;
      end if;
    end loop;
  end if;

  -- 6. Write.
  update reservations.pool p
     set held = p.held + m.held,
         sold = p.sold + m.sold
    from (select m.pool as pool_id, sum(m.held) as held, sum(m.sold) as sold
            from unnest(v_move_request, v_move_pool, v_move_held, v_move_sold) m (request, pool, held, sold)
           where v_outcome[m.request] in ('held', 'confirmed', 'released', 'expired', 'cancelled')
           group by m.pool
          having sum(m.held) <> 0 or sum(m.sold) <> 0) m
   where p.pool_id = m.pool_id;

  perform reservations.apply_changes(
    v_now, p_action, p_reason, p_reservation, v_outcome, v_before, v_worth, p_kept, p_companion, p_hold_seconds, p_total,
    p_attendee, p_name, p_email, p_phone, p_language,
    p_line_from, p_line_to, p_draw_from, p_draw_to,
    p_line_slot, p_line_ticket_type, p_line_quantity, p_line_price, p_draw_pool, p_draw_quantity,
    v_move_from, v_move_to, v_move_pool, v_move_held, v_move_sold, p_ticket_of, p_ticket);

  if cardinality(p_key) > 0 then
    insert into platform.idempotency (key, fingerprint, at, status, subject, version, answer)
    select q.key, q.fingerprint, v_now, 0, q.reservation_id,
           case when q.outcome in ('held', 'confirmed', 'released', 'expired', 'cancelled', 'unchanged')
                then (select r.version from reservations.reservation r where r.reservation_id = q.reservation_id) end,
           case when q.outcome not in ('held', 'confirmed', 'released', 'expired', 'cancelled', 'unchanged')
                then jsonb_build_object('refusal', q.outcome, 'available', reservations.free_in(
                       p_draw_pool[q.draw_from : q.draw_to], v_pool, v_free)) end
      from unnest(v_outcome, p_key, p_fingerprint, p_reservation, p_draw_from, p_draw_to)
             q (outcome, key, fingerprint, reservation_id, draw_from, draw_to)
     where q.key is not null
       and q.outcome not in ('key_reused', 'replayed', 'reservation_not_found', 'again', 'token_revoked', 'stale');
  end if;

  -- 7. Answer.
  return query
    select case when e.done then 'done' else q.outcome end,
           case when q.outcome = 'replayed' then k.version else r.version end,
           r.event_id,
           case when q.outcome = 'sold_out'
                then reservations.free_in(p_draw_pool[q.draw_from : q.draw_to], v_pool, v_free) end,
           k.answer,
           case when e.done then r.state end,
           case when e.done then r.generation end,
           case when e.done then r.created_at end,
           case when e.done then r.expires_at end,
           case when e.done then r.own_expires_at end,
           case when e.done then r.offer_ends_at end,
           case when e.done then r.exchange_id end,
           case when e.done then r.exchange_of end,
           case when e.done then r.kept_minor end,
           case when e.done then r.currency end,
           case when e.done then r.attendee_name end,
           case when e.done then r.attendee_email end,
           case when e.done then r.attendee_phone end,
           case when e.done then r.language end,
           l.line_slot_ids, l.line_ticket_type_ids, l.line_quantities, l.line_unit_price_minor
      from unnest(p_action, v_outcome, p_reservation, p_key, p_draw_from, p_draw_to)
             with ordinality q (action, outcome, reservation_id, key, draw_from, draw_to, ordinal)
     cross join lateral (select q.outcome in ('held', 'confirmed', 'released', 'expired', 'cancelled') as done) e
      left join platform.idempotency k on k.key = case when q.outcome = 'replayed' then q.key end
      left join reservations.reservation r on r.reservation_id = q.reservation_id
      left join lateral (
        select n.*
          from reservations.entry n
         where n.reservation_id = r.reservation_id
           and n.version = r.version
           and e.done
           and q.action not in ('exchange', 'reclaim', 'accept_alternative', 'return_tickets')
        offset 0 -- looked up only where it is needed
      ) l on true
     order by q.ordinal;
end;
$$;
