-- admission.redeem_batch: presentations of tickets at gates, many at once.
--
-- One call is one transaction: it sees which were told before, uses the tickets, decides each presentation, and writes it
-- down under the next number of its ticket. Two that want the same number cannot both have it (redemption_numbered_once):
-- the batch of the later one fails as a whole, and is sent again.
--
-- In     p_shift_ms  how far the server's clock is ahead of the database's (a test clock; 0 in production)
--        then one array element a presentation, in order; no ticket and no nonce twice:
--        p_event        where it is presented
--        p_ticket       null where the caller knows of none
--        p_nonce        what names the presentation, null for nothing
--        p_gate         empty where nobody said; p_presenter  who presents it: a pass, key, user or event
--        p_direction    in or out
--        p_at           when it was presented, null for now; later than now counts as now. Milliseconds since 1970
--        p_let_through  what a gate without a network did; null: it does what is answered
--        p_outcome, p_reason   what the caller has found against it, null for nothing
--        p_opens, p_closes     when its slot lets in, in milliseconds since 1970
--        p_admits       how often it lets in; p_re_entry  whether again after each time somebody left
-- Out    one row a presentation, in order: outcome and reason; is_replayed; number, its place among those of its ticket, null
--        without one; last_at, the latest presentation told before it; is_surplus, it was let in without an admission of its
--        ticket; slot_id, ticket_type_id, holder_name of the ticket; first_at and first_gate, its first admission, where
--        that is why it is refused
--
-- Outcome, in order of precedence (if two apply, the first is returned):
--   the first answer   the nonce was used for this ticket in this direction: nothing is written
--   unknown            nonce_reused: it was used for another one; the caller's own; no_such_ticket
--   left, not_inside   direction out
--   void               the caller's own; ticket_revoked
--   wrong_slot         the caller's own; over: its slot has ended
--   too_early          its slot does not let in yet
--   already_presented  already_admitted: it has let in as often as it may
--   admitted
--
-- Order  Of one ticket's presentations the earliest have its admissions: one that is told late takes them from the latest
--        of those told before, which is surplus then. (Where people may come in again, whoever is told first has them.)
-- Locks  The rows of the tickets that may let in, in id order (reservations.present_tickets); then the presentations that lose
--        their admission; then tallies, in the order of their keys.
-- Cost   six statements a batch; a presentation is one row and a change of its ticket's.
-- Source docs/decisions/0023-redemptions.md; outcomes and reasons: redemption.ts

create or replace function admission.redeem_batch(
  p_shift_ms bigint,
  p_event uuid[], p_ticket uuid[], p_nonce uuid[], p_gate text[], p_presenter uuid[], p_direction text[],
  p_at bigint[], p_let_through boolean[], p_outcome text[], p_reason text[],
  p_opens bigint[], p_closes bigint[], p_admits integer[], p_re_entry boolean[]
)
returns table (
  outcome text, reason text, is_replayed boolean, number integer, last_at timestamptz, is_surplus boolean,
  slot_id uuid, ticket_type_id uuid, holder_name text, first_at timestamptz, first_gate text
)
language plpgsql
set enable_seqscan = off -- plans are kept for long: a table that was small when they were made must not be scanned when it is large
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_now        timestamptz := clock_timestamp() + p_shift_ms * interval '1 millisecond';
  v_now_ms     bigint := floor(extract(epoch from v_now) * 1000);
  v_ordinal    bigint[];      -- of those that were told before
  v_told       uuid[];        -- the ticket, and the number, that each of them was told of
  v_number     integer[];
  v_first      text[];        -- what was answered to it
  v_first_why  text[];
  v_standing   text[];
  v_of_event   uuid[];
  v_slot       uuid[];
  v_type       uuid[];
  v_name       text[];
  v_outcome    text[] := p_outcome;
  v_reason     text[] := p_reason;
  v_passes     boolean[];     -- whether somebody goes through
  v_replayed   boolean[] := array_fill(false, array[cardinality(p_event)]);
  v_before     integer[];     -- presentations of the ticket that are known
  v_last       timestamptz[];
  v_admitted   integer[];
  v_left       integer[];
  v_displaces  integer[];     -- the number of the admission that an earlier presentation takes
  v_at         timestamptz;
begin
  -- 1. Which were told before?
  if array_remove(p_nonce, null) <> '{}' then
    select array_agg(q.ordinal), array_agg(r.ticket_id), array_agg(r.number), array_agg(r.outcome), array_agg(r.reason)
      into v_ordinal, v_told, v_number, v_first, v_first_why
      from unnest(p_nonce, p_ticket, p_direction) with ordinality q (nonce, ticket_id, direction, ordinal)
      join admission.redemption r on r.nonce = q.nonce;
    for i in 1 .. coalesce(cardinality(v_ordinal), 0) loop
      if v_told[i] is not distinct from p_ticket[v_ordinal[i]] or v_first_why[i] = 'no_such_ticket' then
        v_replayed[v_ordinal[i]] := true;
        v_outcome[v_ordinal[i]] := v_first[i];
        v_reason[v_ordinal[i]] := v_first_why[i];
      else
        v_outcome[v_ordinal[i]] := 'unknown';
        v_reason[v_ordinal[i]] := 'nonce_reused';
      end if;
    end loop;
  end if;

  -- 2. The tickets. Those that may let in are used, and nobody else uses them until this is over.
  select array_agg(q.outcome is null and q.direction = 'in' and q.let_through is distinct from false
                   and least(coalesce(q.at, v_now_ms), v_now_ms) >= q.opens
                   and least(coalesce(q.at, v_now_ms), v_now_ms) < q.closes order by q.ordinal)
    into v_passes
    from unnest(v_outcome, p_direction, p_let_through, p_at, p_opens, p_closes) with ordinality
           q (outcome, direction, let_through, at, opens, closes, ordinal);
  select t.standings, t.event_ids, t.slot_ids, t.ticket_type_ids, t.holder_names
    into v_standing, v_of_event, v_slot, v_type, v_name
    from reservations.present_tickets(v_now, p_ticket, v_passes) t;

  -- 3. What is known of them?
  if exists (select from admission.redemption r where r.ticket_id = any (p_ticket)) then
    select array_agg(k.before order by q.ordinal), array_agg(k.last order by q.ordinal),
           array_agg(k.admitted order by q.ordinal), array_agg(k.gone order by q.ordinal)
      into v_before, v_last, v_admitted, v_left
      from unnest(p_ticket, v_replayed, p_nonce) with ordinality q (ticket_id, is_replayed, nonce, ordinal)
     cross join lateral (
       select coalesce(max(r.number) filter (where not q.is_replayed or r.number < own.number), 0) as before,
              max(r.presented_at) filter (where not q.is_replayed or r.number < own.number) as last,
              (count(*) filter (where r.is_counted))::integer as admitted,
              (count(*) filter (where r.outcome = 'left' and r.undone_at is null))::integer as gone
         from admission.redemption r
         left join lateral (select o.number from admission.redemption o where q.is_replayed and o.nonce = q.nonce) own on true
        where r.ticket_id = q.ticket_id) k;
  else
    v_before := array_fill(0, array[cardinality(p_event)]);
    v_last := array_fill(null::timestamptz, array[cardinality(p_event)]);
    v_admitted := v_before;
    v_left := v_before;
  end if;

  -- 4. Decide.
  v_displaces := array_fill(null::integer, array[cardinality(p_event)]);
  for i in 1 .. cardinality(p_event) loop
    continue when v_replayed[i];
    if p_ticket[i] is not null and v_standing[i] <> 'missing' and v_of_event[i] <> p_event[i] then
      v_standing[i] := 'missing';
    end if;
    if v_standing[i] = 'missing' and (v_outcome[i] is null or v_outcome[i] <> 'unknown') then
      v_outcome[i] := 'unknown';
      v_reason[i] := 'no_such_ticket';
    elsif v_outcome[i] = 'unknown' then
      null;
    elsif p_direction[i] = 'out' then
      v_outcome[i] := case when v_left[i] < v_admitted[i] then 'left' else 'not_inside' end;
      v_reason[i] := case when v_left[i] < v_admitted[i] then null else 'not_inside' end;
    elsif v_outcome[i] = 'void' then
      null;
    elsif v_standing[i] = 'void' then
      v_outcome[i] := 'void';
      v_reason[i] := 'ticket_revoked';
    elsif v_outcome[i] is not null then
      null;
    elsif least(coalesce(p_at[i], v_now_ms), v_now_ms) >= p_closes[i] then
      v_outcome[i] := 'wrong_slot';
      v_reason[i] := 'over';
    elsif least(coalesce(p_at[i], v_now_ms), v_now_ms) < p_opens[i] then
      v_outcome[i] := 'too_early';
      v_reason[i] := 'too_early';
    elsif p_let_through[i] = false then
      v_outcome[i] := 'already_presented';
      v_reason[i] := 'already_admitted';
    elsif (v_admitted[i] - case when p_re_entry[i] then v_left[i] else 0 end < p_admits[i]) then
      v_outcome[i] := 'admitted';
    else
      if p_at[i] is not null and not p_re_entry[i] then
        v_displaces[i] := (
          select r.number
            from admission.redemption r
           where r.ticket_id = p_ticket[i]
             and r.is_counted
             and r.presented_at > to_timestamp(p_at[i] / 1000.0)
           order by r.presented_at desc, r.number desc
           limit 1);
      end if;
      v_outcome[i] := case when v_displaces[i] is null then 'already_presented' else 'admitted' end;
      v_reason[i] := case when v_displaces[i] is null then 'already_admitted' end;
    end if;
  end loop;

  -- 5. Write.
  if false = any (v_replayed) then
    v_at := clock_timestamp() + p_shift_ms * interval '1 millisecond';
    with displaced as (
      update admission.redemption r
         set is_counted = false
        from unnest(p_ticket, v_displaces) q (ticket_id, displaces)
       where r.ticket_id = q.ticket_id
         and r.number = q.displaces
      returning r.event_id, r.slot_id, r.ticket_type_id, r.gate),
    told as (
      insert into admission.redemption
             (event_id, ticket_id, number, slot_id, ticket_type_id, gate, presenter_id, direction, outcome, reason,
              is_let_through, is_counted, presented_at, recorded_at, nonce)
      select q.event_id, k.ticket_id, case when k.ticket_id is not null then q.before + 1 end,
             k.slot_id, k.ticket_type_id, q.gate, q.presenter_id, q.direction, q.outcome, q.reason,
             k.passes, q.outcome = 'admitted' and k.passes,
             case when q.at is null or q.at >= v_now_ms then v_now else to_timestamp(q.at / 1000.0) end,
             v_at, case when q.reason is distinct from 'nonce_reused' then q.nonce end
        from unnest(p_event, p_ticket, v_slot, v_type, p_gate, p_presenter, p_direction, v_outcome, v_reason,
                    p_let_through, p_at, p_nonce, v_before, v_standing, v_replayed)
               q (event_id, ticket_id, slot_id, ticket_type_id, gate, presenter_id, direction, outcome, reason,
                  let_through, at, nonce, before, standing, is_replayed)
       cross join lateral (
         -- What is no ticket of the event has no number, and is of nothing.
         select case when q.outcome <> 'unknown' then q.ticket_id end as ticket_id,
                case when q.outcome <> 'unknown' then q.slot_id end as slot_id,
                case when q.outcome <> 'unknown' then q.ticket_type_id end as ticket_type_id,
                case when q.direction = 'out' then q.outcome = 'left'
                     else coalesce(q.let_through, q.outcome = 'admitted') end as passes) k
       where not q.is_replayed
       order by q.ticket_id
      returning event_id, slot_id, ticket_type_id, gate, direction, outcome, is_let_through, is_counted)
    insert into admission.tally as t
           (event_id, slot_id, ticket_type_id, gate, presented, admitted, surplus, went_out, refused)
    select c.event_id, c.slot_id, c.ticket_type_id, c.gate,
           sum(c.presented), sum(c.admitted), sum(c.surplus), sum(c.went_out), sum(c.refused)
      from (select event_id, slot_id, ticket_type_id, gate, 1 as presented,
                   is_counted::integer as admitted,
                   (is_let_through and direction = 'in' and not is_counted)::integer as surplus,
                   (outcome = 'left')::integer as went_out,
                   (not is_let_through)::integer as refused
              from told
             union all
            select event_id, slot_id, ticket_type_id, gate, 0, -1, 1, 0, 0
              from displaced) c
     group by c.event_id, c.slot_id, c.ticket_type_id, c.gate
     order by c.event_id, c.slot_id, c.ticket_type_id, c.gate
    on conflict on constraint tally_key do update
       set presented = t.presented + excluded.presented,
           admitted = t.admitted + excluded.admitted,
           surplus = t.surplus + excluded.surplus,
           went_out = t.went_out + excluded.went_out,
           refused = t.refused + excluded.refused;
  end if;

  -- 6. Answer.
  return query
  select q.outcome, q.reason, q.is_replayed,
         case when q.outcome <> 'unknown' then q.before + 1 end,
         q.last,
         case when q.outcome = 'unknown' or q.direction = 'out' then coalesce(q.let_through, false) and q.direction = 'in'
              when q.is_replayed then coalesce(own.is_surplus, false)
              else coalesce(q.let_through, false) and q.outcome <> 'admitted' end,
         case when q.outcome <> 'unknown' then q.slot_id end,
         case when q.outcome <> 'unknown' then q.ticket_type_id end,
         case when q.outcome <> 'unknown' then q.name end,
         first.at, first.gate
    from unnest(v_outcome, v_reason, v_replayed, v_before, v_last, p_direction, p_let_through, v_slot, v_type, v_name,
                p_ticket, p_nonce) with ordinality
           q (outcome, reason, is_replayed, before, last, direction, let_through, slot_id, ticket_type_id, name,
              ticket_id, nonce, ordinal)
    left join lateral (
      select r.is_let_through and not r.is_counted and r.undone_at is null as is_surplus
        from admission.redemption r
       where q.is_replayed
         and r.nonce = q.nonce
    ) own on true
    left join lateral (
      select r.presented_at as at, r.gate
        from admission.redemption r
       where r.ticket_id = q.ticket_id
         and r.is_counted
         and (q.outcome = 'already_presented' or own.is_surplus)
       order by r.presented_at, r.number
       limit 1
    ) first on true
   order by q.ordinal;
end;
$$;
