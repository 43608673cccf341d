import { Answer } from "../../components/Answer.tsx";
import { Page } from "../../components/Page.tsx";
import { priceOf } from "../../format/money.ts";
import { type EventDetail, useEvent } from "../../queries/events.ts";
import { Slots } from "./Slots.tsx";

/** One event: what it is, what it costs, when it is, and what is left. */
export function EventPage({ slug }: { readonly slug: string }) {
  const query = useEvent(slug);
  return (
    <Page title={query.data?.name}>
      <Answer query={query}>{(event) => <Event event={event} />}</Answer>
    </Page>
  );
}

function Event({ event }: { readonly event: EventDetail }) {
  const place = [event.location?.name, event.location?.address].filter((part) => part).join(", ");
  return (
    <article>
      <div lang={event.language}>
        <h1>{event.name}</h1>
        {place === "" ? null : <p className="lead">{place}</p>}
        {event.description === null ? null : <p className="description">{event.description}</p>}
      </div>
      {event.state === "cancelled" ? <p className="notice">This event is cancelled.</p> : null}
      <h2>Tickets</h2>
      <ul className="prices">
        {event.ticket_types.map((type) => (
          <li key={type.id}>
            <span lang={event.language}>{type.name}</span> <span>{priceOf(type.price)}</span>
          </li>
        ))}
      </ul>
      <h2>Times</h2>
      <Slots event={event} />
    </article>
  );
}
