-- admission.redeem_batch: presentations of tickets at gates, many at once.
--
-- One call is one transaction: it sees which were told before, uses the tickets, decides each presentation, and writes it
-- down under the next number of its ticket. Two that want the same number cannot both have it (redemption_numbered_once):
-- the batch of the later one fails as a whole, and is sent again.
--
-- Most tickets are presented once, by who may come in. Where nothing is known against a batch it is tried at first as if
-- that were so of all of it, without a look at what was told before. If it was not, either the tickets say so, and the
-- rest of the function decides; or the same constraints do, and the batch is sent again with p_look.
--
-- In     p_shift_ms  how far the server's clock is ahead of the database's (a test clock; 0 in production)
--        p_look      whether to look first what was told before
--        then one array element a presentation, in order of their tickets, those without one last; no ticket and no nonce twice:
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
-- Out    one row of arrays, an element a presentation, in order:
--        outcomes and reasons; replayed; numbers, their places among those of their tickets, null without one; last_at, the
--        latest presentation told before; surplus, somebody was let in without an admission of the ticket; slot_ids,
--        ticket_type_ids, holder_names of the tickets; first_at and first_gates, the first admission, where that is why
--        somebody is refused.
--        Where all are admitted at their first presentation: only the last three of the tickets, the others are null.
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
-- Cost   three statements a batch, ten where anything is out of the ordinary; a presentation is one row, a change of its
--        ticket's and a share of its gate's tally.
-- Source docs/decisions/0023-redemptions.md; outcomes and reasons: redemption.ts

create or replace function admission.redeem_batch(
  p_shift_ms bigint, p_look boolean,
  p_event uuid[], p_ticket uuid[], p_nonce uuid[], p_gate text[], p_presenter uuid[], p_direction text[],
  p_at bigint[], p_let_through boolean[], p_outcome text[], p_reason text[],
  p_opens bigint[], p_closes bigint[], p_admits integer[], p_re_entry boolean[],
  out outcomes text[], out reasons text[], out replayed boolean[], out numbers integer[], out last_at timestamptz[],
  out surplus boolean[], out slot_ids uuid[], out ticket_type_ids uuid[], out holder_names text[],
  out first_at timestamptz[], out first_gates text[]
)
language plpgsql
-- Plans are kept for long: a table that was small when they were made must not be read whole when it is large.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_now        timestamptz := clock_timestamp() + p_shift_ms * interval '1 millisecond';
  v_now_ms     bigint := floor(extract(epoch from v_now) * 1000);
  v_told       bigint[];      -- the places of those that were told before
  v_told_of    uuid[];        -- the ticket that each of them was told of
  v_first      text[];        -- what was answered to it
  v_first_why  text[];
  v_standing   text[];
  v_of_event   uuid[];
  v_outcome    text[] := p_outcome;
  v_reason     text[] := p_reason;
  v_passes     boolean[];     -- whether somebody goes through, as far as it is known
  v_replayed   boolean[] := array_fill(false, array[cardinality(p_event)]);
  v_before     integer[];     -- presentations of the ticket that are known
  v_admitted   integer[];
  v_left       integer[];
  v_displaces  integer[];     -- the number of the admission that an earlier presentation takes
  v_at         bigint;
begin
  -- 0. Is it all as usual?
  if not p_look then
    select t.slot_ids, t.ticket_type_ids, t.holder_names
      into slot_ids, ticket_type_ids, holder_names
      from reservations.use_tickets(v_now, p_event, p_ticket,
             (select max(o) from unnest(p_opens) o) <= v_now_ms and (select min(c) from unnest(p_closes) c) > v_now_ms) t;
    if slot_ids is not null then
      perform admission.write_down(
        v_now, p_event, p_ticket, slot_ids, ticket_type_ids, p_gate, p_presenter, p_direction,
        array_fill('admitted'::text, array[cardinality(p_event)]), array_fill(null::text, array[cardinality(p_event)]),
        array_fill(true, array[cardinality(p_event)]), p_at, p_nonce, array_fill(0, array[cardinality(p_event)]), v_replayed);
      return;
    end if;
  end if;

  -- 1. Which were told before?
  if array_remove(p_nonce, null) <> '{}' then
    select array_agg(q.ordinal), array_agg(r.ticket_id), array_agg(r.outcome), array_agg(r.reason)
      into v_told, v_told_of, v_first, v_first_why
      from unnest(p_nonce) with ordinality q (nonce, ordinal)
      join admission.redemption r on r.nonce = q.nonce;
    for i in 1 .. coalesce(cardinality(v_told), 0) loop
      if v_told_of[i] is not distinct from p_ticket[v_told[i]] or v_first_why[i] = 'no_such_ticket' then
        v_replayed[v_told[i]] := true;
        v_outcome[v_told[i]] := v_first[i];
        v_reason[v_told[i]] := v_first_why[i];
      else
        v_outcome[v_told[i]] := 'unknown';
        v_reason[v_told[i]] := 'nonce_reused';
      end if;
    end loop;
  end if;

  -- 2. The tickets. Those that may let in are used, and nobody else uses them until this is over.
  for i in 1 .. cardinality(p_event) loop
    v_at := least(coalesce(p_at[i], v_now_ms), v_now_ms);
    v_passes[i] := v_outcome[i] is null and p_direction[i] = 'in' and p_let_through[i] is distinct from false
                   and v_at >= p_opens[i] and v_at < p_closes[i];
  end loop;
  select t.standings, t.event_ids, t.slot_ids, t.ticket_type_ids, t.holder_names
    into v_standing, v_of_event, slot_ids, ticket_type_ids, holder_names
    from reservations.present_tickets(v_now, p_ticket, v_passes) t;

  -- 3. What is known of them?
  select array_agg(k.before order by q.ordinal), array_agg(k.last order by q.ordinal),
         array_agg(k.admitted order by q.ordinal), array_agg(k.gone order by q.ordinal)
    into v_before, last_at, v_admitted, v_left
    from unnest(p_ticket, v_replayed, p_nonce) with ordinality q (ticket_id, is_replayed, nonce, ordinal)
    left join lateral (
      select o.number from admission.redemption o where q.is_replayed and o.nonce = q.nonce
    ) own on true
   cross join lateral (
     select coalesce(max(r.number) filter (where r.number < coalesce(own.number, r.number + 1)), 0) as before,
            max(r.presented_at) filter (where r.number < coalesce(own.number, r.number + 1)) as last,
            (count(*) filter (where r.is_counted))::integer as admitted,
            (count(*) filter (where r.outcome = 'left' and r.undone_at is null))::integer as gone
       from admission.redemption r
      where r.ticket_id = q.ticket_id) k;

  -- 4. Decide.
  v_displaces := array_fill(null::integer, array[cardinality(p_event)]);
  for i in 1 .. cardinality(p_event) loop
    continue when v_replayed[i];
    v_at := least(coalesce(p_at[i], v_now_ms), v_now_ms);
    if (v_standing[i] = 'missing' or v_of_event[i] <> p_event[i]) and v_outcome[i] is distinct from 'unknown' then
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
    elsif v_at >= p_closes[i] then
      v_outcome[i] := 'wrong_slot';
      v_reason[i] := 'over';
    elsif v_at < p_opens[i] then
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
    -- Leaving is what was seen; coming in is what the gate did, or does as it is told.
    v_passes[i] := case when p_direction[i] = 'out' then v_outcome[i] = 'left'
                        else coalesce(p_let_through[i], v_outcome[i] = 'admitted') end;
  end loop;

  -- 5. Write.
  if array_remove(v_displaces, null) <> '{}' then
    perform admission.displace(p_ticket, v_displaces);
  end if;
  if false = any (v_replayed) then
    perform admission.write_down(
      v_now, p_event, p_ticket, slot_ids, ticket_type_ids, p_gate, p_presenter, p_direction,
      v_outcome, v_reason, v_passes, p_at, p_nonce, v_before, v_replayed);
  end if;

  -- 6. Answer.
  outcomes := v_outcome;
  reasons := v_reason;
  replayed := v_replayed;
  select array_agg(case when q.outcome <> 'unknown' then q.before + 1 end order by q.ordinal),
         array_agg(case when q.outcome <> 'unknown' then q.slot_id end order by q.ordinal),
         array_agg(case when q.is_replayed then coalesce(own.is_surplus, false)
                        else q.direction = 'in' and q.passes and q.outcome <> 'admitted' end order by q.ordinal),
         array_agg(first.at order by q.ordinal),
         array_agg(first.gate order by q.ordinal)
    into numbers, slot_ids, surplus, first_at, first_gates
    from unnest(v_outcome, v_replayed, v_before, p_direction, v_passes, p_ticket, p_nonce, slot_ids)
           with ordinality
           q (outcome, is_replayed, before, direction, passes, ticket_id, nonce, slot_id, ordinal)
    left join lateral (
      select r.direction = 'in' and r.is_let_through and not r.is_counted and r.undone_at is null as is_surplus
        from admission.redemption r
       where q.is_replayed
         and r.nonce = q.nonce
      offset 0 -- looked up only where it is needed
    ) own on true
    left join lateral (
      select r.presented_at as at, r.gate
        from admission.redemption r
       where r.ticket_id = q.ticket_id
         and r.is_counted
         and (q.outcome = 'already_presented' or own.is_surplus)
       order by r.presented_at, r.number
       limit 1
    ) first on true;
end;
$$;
