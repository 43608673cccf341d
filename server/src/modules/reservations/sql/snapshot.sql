-- reservations.snapshot: many reservations, each as it stood after one entry of its ledger.
--
-- In     p_shift_ms      as reservations.change_batch
--        p_reservations  which; one may be asked for several times
--        p_versions      after which entry; null for as it stands now
-- Out    one row a reservation asked for that exists, with its ordinal (from 1) among those asked for.
--        As it stands now, a hold whose time has passed is `expired`, whether or not it was ended already.
--        The attendee is always the present one: personal data is stored once. What it waits for is told of its
--        present entry only; what is kept of a cancelled one, of every entry since.
-- Cost   four index look-ups a reservation.
-- Source docs/concepts/reservations.md

create or replace function reservations.snapshot(p_shift_ms bigint, p_reservations uuid[], p_versions integer[])
returns table (
  ordinal integer, reservation_id uuid, event_id uuid, version integer, state text, generation integer,
  created_at timestamptz, expires_at timestamptz,
  own_expires_at timestamptz, offer_ends_at timestamptz, exchange_id uuid, exchange_of uuid, kept_minor bigint,
  line_slot_ids uuid[], line_ticket_type_ids uuid[], line_quantities integer[], line_unit_price_minor bigint[],
  currency char(3), attendee_name text, attendee_email text, attendee_phone text, language text,
  ticket_ids uuid[], ticket_slot_ids uuid[], ticket_type_ids uuid[], ticket_voided boolean[], ticket_holder_names text[]
)
language plpgsql -- which keeps its plan; a function in SQL is planned at each call, for twice what it takes to run
stable
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
  return query
  select q.ordinal::integer, r.reservation_id, r.event_id, e.version,
         case when q.version is null and e.state = 'held'
               and r.expires_at <= clock_timestamp() + p_shift_ms * interval '1 millisecond' then 'expired'
              else e.state end,
         e.generation, r.created_at,
         case when e.state = 'held' then e.expires_at end,
         case when e.version = r.version then r.own_expires_at end,
         case when e.version = r.version then r.offer_ends_at end,
         case when e.version = r.version then r.exchange_id end,
         r.exchange_of,
         case when e.state = 'cancelled' then r.kept_minor end,
         e.line_slot_ids, e.line_ticket_type_ids, e.line_quantities, e.line_unit_price_minor,
         r.currency, r.attendee_name, r.attendee_email, r.attendee_phone, r.language,
         t.ids, t.slot_ids, t.ticket_type_ids, t.voided, t.holder_names
    from unnest(p_reservations, p_versions) with ordinality q (reservation_id, version, ordinal)
    join reservations.reservation r on r.reservation_id = q.reservation_id
    join reservations.entry e on e.reservation_id = r.reservation_id and e.version = coalesce(q.version, r.version)
    left join lateral (
      select array_agg(t.ticket_id order by t.ordinal) as ids,
             array_agg(t.slot_id order by t.ordinal) as slot_ids,
             array_agg(t.ticket_type_id order by t.ordinal) as ticket_type_ids,
             array_agg(coalesce(t.voided_version <= e.version, false) order by t.ordinal) as voided,
             array_agg(t.holder_name order by t.ordinal) as holder_names
        from reservations.ticket t
       where t.ticket_id between (left(r.reservation_id::text, 19) || 'a000-000000000000')::uuid
                             and (left(r.reservation_id::text, 19) || 'afff-ffffffffffff')::uuid
         and t.reservation_id = r.reservation_id
         and t.issued_version <= e.version
         and (t.voided_version is null or t.voided_version > e.version
              -- Of a cancelled one, those that were voided by that: it may have been erased since.
              or e.state = 'cancelled' and t.voided_version = (
                select min(c.version)
                  from reservations.entry c
                 where c.reservation_id = r.reservation_id
                   and c.state = 'cancelled'))
    ) t on e.state in ('confirmed', 'cancelled');
end;
$$;
