-- reservations.hold_batch: new reservations, many at once.
--
-- The hot path. One call is one transaction: it takes the locks, dates the batch, decides each request in
-- the order given, and writes what was decided. As long as nothing stands against any of them it only looks
-- and writes, a fixed number of statements however many they are; all else is behind an `if`.
--
-- In     p_shift_ms  how far the server's clock is ahead of the database's (a test clock; 0 in production)
--        p_pool      the pools drawn on, each once, in id order
--        then one array element a request, in order:
--        p_reservation     the new id
--        p_event           its event
--        p_revision        the revision of the catalogue it was priced with
--        p_wanted          held, confirmed, or what the caller has found against it: that is recorded under its key
--        p_hold_seconds    how long from now; p_life_seconds  how long it may live, extensions included
--        p_key             idempotency key as a uuid, null for none. At most once in a batch.
--        p_fingerprint     of the request that the key stands for
--        p_total, p_currency  what it costs
--        p_name, p_email, p_phone, p_language   empty arrays where all are null
--        p_line_from, p_line_to, p_draw_from, p_draw_to   which of the lines and draws are its own
--        then one element a line:    p_line_slot, p_line_ticket_type, p_line_quantity, p_line_price
--        then one element a draw:    p_draw_of (the request), p_draw_pool, p_draw_quantity
--        then one element a ticket, of those that want to be confirmed:
--        p_ticket (its id, as reservations.ticket_id), p_ticket_of (the request), p_ticket_line, p_ticket_ordinal
-- Out    one row: at, the instant of the batch
--                 outcomes, an array with a status a request; null when each became what it wanted
--                 free, where anybody is sold out: what is left in each of p_pool
--                 answers, by the request's number (from 1) of those replayed: { subject, version, answer }, as recorded
--
-- Status, in order of precedence (if two apply, the first is returned):
--   key_reused                 the key was used for another request
--   replayed                   the key was used for this request: its outcome is returned again
--   the caller's own refusal: p_wanted
--   stale                      priced with another revision of the catalogue, or a pool is gone
--   again                      expired holds could not all be ended in this batch: ask again
--   sold_out                   a pool has fewer places left than it needs
--   held, confirmed: done
--
-- Order  First come, first served; each request draws on all of its pools or on none. One that does not fit
--        is refused, a later and smaller one may still be served. Before anyone is refused for want of places,
--        the expired holds of the short pools are ended.
--        Where a look without a lock shows that nobody can be served, nobody waits and nothing is written.
-- Locks  Every pool that any request draws on, once, in pool_id order, as reservations.change_batch.
-- Cost   nine statements a batch; per hold three rows (reservation, entry, key) and one a ticket.
-- Source docs/concepts/reservations.md; statuses: APPLY_STATUSES in change-request.ts.

create or replace function reservations.hold_batch(
  p_shift_ms bigint, p_pool uuid[],
  p_reservation uuid[], p_event uuid[], p_revision integer[], p_wanted text[],
  p_hold_seconds integer[], p_life_seconds integer[], p_key uuid[], p_fingerprint uuid[],
  p_total bigint[], p_currency text[], p_name text[], p_email text[], p_phone text[], p_language text[],
  p_line_from integer[], p_line_to integer[], p_draw_from integer[], p_draw_to integer[],
  p_line_slot uuid[], p_line_ticket_type uuid[], p_line_quantity integer[], p_line_price bigint[],
  p_draw_of integer[], p_draw_pool uuid[], p_draw_quantity integer[],
  p_ticket uuid[], p_ticket_of integer[], p_ticket_line integer[], p_ticket_ordinal integer[],
  out at timestamptz, out outcomes text[], out free integer[], out answers jsonb
)
language plpgsql
set enable_seqscan = off -- plans are kept for long: a table that was small when they were made must not be scanned when it is large
set plan_cache_mode = force_generic_plan
as $$
declare
  v_pool     uuid[];     -- pools locked, in id order
  v_free     integer[];  -- what is left in each of them
  v_keyed    boolean := cardinality(p_key) > 0;
  v_outcome  text[] := p_wanted;
  v_moved    uuid[];     -- pools that are drawn on
  v_held     integer[];
  v_sold     integer[];
  v_short    uuid[];     -- pools that cannot serve everybody
  v_ended    uuid[];     -- expired holds that were ended for them
  v_left_over boolean := false;
  v_fits     boolean;
begin
  -- 1. Is all of it gone? Then that is the answer: without a key there is nothing to record.
  if not v_keyed then
    at := clock_timestamp() + p_shift_ms * interval '1 millisecond';
    free := reservations.free_if_nobody_fits(at, p_pool, p_draw_of, p_draw_pool, p_draw_quantity, cardinality(p_wanted));
    if free is not null and not reservations.any_stale(p_event, p_revision) then
      outcomes := array_fill('sold_out'::text, array[cardinality(p_wanted)]);
      return;
    end if;
    free := null;
  end if;

  -- 2. Lock.
  select array_agg(l.pool_id), array_agg(l.free)
    into v_pool, v_free
    from (select p.pool_id, p.capacity - p.held - p.sold as free
            from reservations.pool p
           where p.pool_id = any (p_pool)
           order by p.pool_id
             for update) l;

  -- 3. Date. Only now: waiting for a lock may have taken a while.
  at := clock_timestamp() + p_shift_ms * interval '1 millisecond';

  -- 4. Does anything stand against any of them?
  if v_keyed and exists (select from platform.idempotency k where k.key = any (p_key))
     or v_pool is distinct from p_pool
     or reservations.any_stale(p_event, p_revision) then
    v_pool := coalesce(v_pool, '{}');
    select array_agg(
             case
               when k.key is not null and k.fingerprint is distinct from q.fingerprint then 'key_reused'
               when k.key is not null then 'replayed'
               when q.wanted not in ('held', 'confirmed') then q.wanted
               when s.revision is distinct from q.revision
                 or not p_draw_pool[q.draw_from : q.draw_to] <@ v_pool then 'stale'
               else q.wanted
             end order by q.ordinal)
      into v_outcome
      from unnest(p_wanted, p_event, p_revision, p_key, p_fingerprint, p_draw_from, p_draw_to)
             with ordinality q (wanted, event, revision, key, fingerprint, draw_from, draw_to, ordinal)
      left join platform.idempotency k on k.key = q.key
      left join reservations.sale s on s.event_id = q.event;
  end if;

  -- 5. Is there enough for all of them?
  select array_agg(m.pool_id), array_agg(m.held), array_agg(m.sold),
         array_agg(m.pool_id) filter (where m.held + m.sold > v_free[array_position(v_pool, m.pool_id)])
    into v_moved, v_held, v_sold, v_short
    from (select d.pool_id,
                 coalesce(sum(d.quantity) filter (where v_outcome[d.of] = 'held'), 0)::integer as held,
                 coalesce(sum(d.quantity) filter (where v_outcome[d.of] = 'confirmed'), 0)::integer as sold
            from unnest(p_draw_of, p_draw_pool, p_draw_quantity) d (of, pool_id, quantity)
           where v_outcome[d.of] in ('held', 'confirmed')
           group by d.pool_id) m;

  if v_short is not null then
    -- No. End expired holds first; then one after another takes what is left.
    select f.ended, f.left_over into v_ended, v_left_over
      from reservations.find_expired(v_short, v_pool, at) f;
    if cardinality(v_ended) > 0 then
      perform reservations.expire_due(p_shift_ms, v_ended);
      v_free := array(select p.capacity - p.held - p.sold from reservations.pool p
                       where p.pool_id = any (v_pool) order by p.pool_id);
    end if;
    v_held := array_fill(0, array[cardinality(v_pool)]);
    v_sold := v_held;
    v_moved := v_pool;
    declare
      v_index integer[] := array(select array_position(v_pool, d.id) from unnest(p_draw_pool) d (id));
    begin
      for i in 1 .. cardinality(v_outcome) loop
        if v_outcome[i] in ('held', 'confirmed') then
          v_fits := true;
          for d in p_draw_from[i] .. p_draw_to[i] loop
            v_fits := v_fits and p_draw_quantity[d] <= v_free[v_index[d]];
          end loop;
          if v_fits then
            for d in p_draw_from[i] .. p_draw_to[i] loop
              v_free[v_index[d]] := v_free[v_index[d]] - p_draw_quantity[d];
              if v_outcome[i] = 'held' then
                v_held[v_index[d]] := v_held[v_index[d]] + p_draw_quantity[d];
              else
                v_sold[v_index[d]] := v_sold[v_index[d]] + p_draw_quantity[d];
              end if;
            end loop;
          else
            v_outcome[i] := case when v_left_over then 'again' else 'sold_out' end;
          end if;
        end if;
      end loop;
    end;
  end if;

  -- 6. Write.
  update reservations.pool p
     set held = p.held + m.held,
         sold = p.sold + m.sold
    from unnest(v_moved, v_held, v_sold) m (pool_id, held, sold)
   where p.pool_id = m.pool_id
     and (m.held > 0 or m.sold > 0);

  -- Not `found`: what is held for an exchange may draw on nothing.
  if 'held' = any (v_outcome) or 'confirmed' = any (v_outcome) then
    insert into reservations.reservation
           (reservation_id, event_id, state, version, generation, created_at, expires_at, hold_ends_by,
            pool_ids, pool_quantities, total_minor, currency,
            attendee_name, attendee_email, attendee_phone, language)
    select q.reservation_id, q.event_id, q.outcome, 1, 0, at,
           case when q.outcome = 'held' then at + q.hold_seconds * interval '1 second' end,
           case when q.outcome = 'held' then at + q.life_seconds * interval '1 second' end,
           p_draw_pool[q.draw_from : q.draw_to],
           p_draw_quantity[q.draw_from : q.draw_to],
           q.total, q.currency, q.name, q.email, q.phone, q.language
      from unnest(p_reservation, p_event, v_outcome, p_hold_seconds, p_life_seconds, p_draw_from, p_draw_to,
                  p_total, p_currency, p_name, p_email, p_phone, p_language)
             q (reservation_id, event_id, outcome, hold_seconds, life_seconds, draw_from, draw_to,
                total, currency, name, email, phone, language)
     where q.outcome in ('held', 'confirmed');

    insert into reservations.entry
           (reservation_id, version, action, reason, state, generation, at, expires_at,
            line_slot_ids, line_ticket_type_ids, line_quantities, line_unit_price_minor,
            pool_ids, held_deltas, sold_deltas)
    select q.reservation_id, 1, 'hold', 'holder', q.outcome, 0, at,
           case when q.outcome = 'held' then at + q.hold_seconds * interval '1 second' end,
           p_line_slot[q.line_from : q.line_to],
           p_line_ticket_type[q.line_from : q.line_to],
           p_line_quantity[q.line_from : q.line_to],
           p_line_price[q.line_from : q.line_to],
           p_draw_pool[q.draw_from : q.draw_to],
           case when q.outcome = 'held' then p_draw_quantity[q.draw_from : q.draw_to]
                else array_fill(0, array[q.draw_to - q.draw_from + 1]) end,
           case when q.outcome = 'confirmed' then p_draw_quantity[q.draw_from : q.draw_to]
                else array_fill(0, array[q.draw_to - q.draw_from + 1]) end
      from unnest(p_reservation, v_outcome, p_hold_seconds, p_line_from, p_line_to, p_draw_from, p_draw_to)
             q (reservation_id, outcome, hold_seconds, line_from, line_to, draw_from, draw_to)
     where q.outcome in ('held', 'confirmed');

    if cardinality(p_ticket) > 0 then
      insert into reservations.ticket
             (ticket_id, reservation_id, event_id, slot_id, ticket_type_id, ordinal, issued_version)
      select t.ticket_id, p_reservation[t.of], p_event[t.of], p_line_slot[t.line], p_line_ticket_type[t.line], t.ordinal, 1
        from unnest(p_ticket, p_ticket_of, p_ticket_line, p_ticket_ordinal) t (ticket_id, of, line, ordinal)
       where v_outcome[t.of] = 'confirmed';
    end if;
  end if;

  if v_keyed then
    insert into platform.idempotency (key, fingerprint, at, status, subject, version, answer)
    select q.key, q.fingerprint, at, 0, q.reservation_id,
           case when q.outcome in ('held', 'confirmed') then 1 end,
           case when q.outcome not in ('held', 'confirmed')
                then jsonb_build_object('refusal', q.outcome, 'available', reservations.free_in(
                       p_draw_pool[p_draw_from[q.ordinal] : p_draw_to[q.ordinal]], v_pool, v_free)) end
      from unnest(p_key, p_fingerprint, p_reservation, v_outcome) with ordinality q (key, fingerprint, reservation_id, outcome, ordinal)
     where q.key is not null
       and q.outcome not in ('key_reused', 'replayed', 'again', 'stale');
  end if;

  -- 7. Answer, with the particulars of those who did not get what they wanted.
  if v_outcome <> p_wanted then
    outcomes := v_outcome;
    if 'sold_out' = any (v_outcome) then
      free := reservations.free_in(p_pool, v_pool, v_free);
    end if;
    if 'replayed' = any (v_outcome) then
      select jsonb_object_agg(q.ordinal, jsonb_build_object('subject', k.subject, 'version', k.version, 'answer', k.answer))
        into answers
        from unnest(p_key, v_outcome) with ordinality q (key, outcome, ordinal)
        join platform.idempotency k on k.key = q.key
       where q.outcome = 'replayed';
    end if;
  end if;
end;
$$;
