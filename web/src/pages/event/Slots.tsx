import { dayOf, hoursOf } from "../../format/time.ts";
import { type EventDetail, type Slot, useAvailability } from "../../queries/events.ts";

/** The slots of an event by day, in the event's zone, each with what is left of it now. */
export function Slots({ event }: { readonly event: EventDetail }) {
  const left = useAvailability(event.id);
  if (event.slots.length === 0) return <p>Dates follow.</p>;
  const days = Map.groupBy(event.slots, (slot) => dayOf(slot.starts_at, event.time_zone));
  const hidden = event.slot_count - event.slots.length;
  return (
    <>
      <p className="hint">All times are local to the event ({event.time_zone}).</p>
      {[...days].map(([day, slots]) => (
        <section key={day}>
          <h3>{day}</h3>
          <ul className="slots">
            {slots.map((slot) => (
              <SlotRow
                key={slot.id}
                slot={slot}
                hours={hoursOf(slot.starts_at, slot.ends_at, event.time_zone)}
                available={left.get(slot.id) ?? slot.available}
              />
            ))}
          </ul>
        </section>
      ))}
      {hidden > 0 ? <p>And {hidden} more.</p> : null}
    </>
  );
}

interface SlotRowProps {
  readonly slot: Slot;
  readonly hours: string;
  readonly available: number;
}

function SlotRow({ slot, hours, available }: SlotRowProps) {
  const isSoldOut = available === 0;
  return (
    <li className={isSoldOut ? "slot sold-out" : "slot"}>
      <time dateTime={slot.starts_at}>{hours}</time>
      <span className="left">
        {isSoldOut ? "Sold out" : `${available} of ${slot.capacity} left`}
      </span>
      {/* The same, to see at a glance. */}
      <span className="meter" aria-hidden="true">
        <span style={{ inlineSize: `${(100 * available) / Math.max(1, slot.capacity)}%` }} />
      </span>
      {slot.note === null ? null : <span className="hint">{slot.note}</span>}
    </li>
  );
}
