import { useState } from "react";
import { Answer } from "../../components/Answer.tsx";
import { Page } from "../../components/Page.tsx";
import { momentOf } from "../../format/time.ts";
import { type EventList, type EventSummary, moreEvents, useEvents } from "../../queries/events.ts";

/** What is on: every published event, the soonest first. */
export function EventsPage() {
  return (
    <Page title={undefined}>
      <Answer query={useEvents()}>{(list) => <Events first={list} />}</Answer>
    </Page>
  );
}

function Events({ first }: { readonly first: EventList }) {
  const [more, setMore] = useState<readonly EventSummary[]>([]);
  const [cursor, setCursor] = useState(first.next_cursor);
  const events = [...first.data, ...more];
  const showMore = async (from: string) => {
    const { data } = await moreEvents(from);
    if (data === undefined) return;
    setMore((shown) => [...shown, ...data.data]);
    setCursor(data.next_cursor);
  };
  return (
    <>
      <h1>What is on</h1>
      {events.length === 0 ? (
        <p className="lead">
          Nothing is published yet. <a href="/docs">The API</a> opens an event in one request.
        </p>
      ) : (
        <ul className="cards">
          {events.map((event) => (
            <EventCard key={event.id} event={event} />
          ))}
        </ul>
      )}
      {cursor === null ? null : (
        <button type="button" onClick={() => void showMore(cursor)}>
          Show more
        </button>
      )}
    </>
  );
}

function EventCard({ event }: { readonly event: EventSummary }) {
  const place = event.location?.name;
  return (
    <li className="card">
      <h2>
        <a href={`/e/${event.slug}`} lang={event.language}>
          {event.name}
        </a>
      </h2>
      <p>
        {event.first_slot_at === null ? (
          "Dates follow"
        ) : (
          <time dateTime={event.first_slot_at}>
            {momentOf(event.first_slot_at, event.time_zone)}
          </time>
        )}
        {place ? ` · ${place}` : null}
      </p>
    </li>
  );
}
