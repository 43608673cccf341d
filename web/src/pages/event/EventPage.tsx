import { Answer } from "../../components/Answer.tsx";
import { Page } from "../../components/Page.tsx";
import { priceOf } from "../../format/money.ts";
import { textOf } from "../../format/text.ts";
import { type EventDetail, useEvent } from "../../queries/events.ts";
import { Slots } from "./Slots.tsx";

/** One event: what it is, what it costs, when it is, and what is left. */
export function EventPage({ slug }: { readonly slug: string }) {
  const query = useEvent(slug);
  const name = query.data === undefined ? undefined : textOf(query.data.name, navigator.languages);
  return (
    <Page title={name}>
      <Answer query={query}>{(event) => <Event event={event} />}</Answer>
    </Page>
  );
}

function Event({ event }: { readonly event: EventDetail }) {
  const say = (text: Parameters<typeof textOf>[0]) => textOf(text, navigator.languages);
  const { location, description } = event;
  return (
    <article>
      <h1>{say(event.name)}</h1>
      {location === null ? null : (
        <p className="lead">
          {[say(location.name), location.address].filter((part) => part).join(", ")}
        </p>
      )}
      {description === null ? null : <p className="description">{say(description)}</p>}
      <h2>Tickets</h2>
      <ul className="prices">
        {event.ticket_types.map((type) => (
          <li key={type.id}>
            <span>{say(type.name)}</span> <span>{priceOf(type.price)}</span>
          </li>
        ))}
      </ul>
      <h2>Times</h2>
      <Slots event={event} />
    </article>
  );
}
