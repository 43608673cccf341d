import { useEffect, useState } from "react";
import { Form } from "../../components/Form.tsx";
import { useLinkToken } from "../../components/link-token.ts";
import { Page } from "../../components/Page.tsx";
import { priceOf } from "../../format/money.ts";
import { dayOf, hoursOf, momentOf } from "../../format/time.ts";
import {
  confirmReservation,
  type ReservationPageData,
  readReservation,
} from "../../queries/reservations.ts";
import type { Problem } from "../../queries/send.ts";
import { EndReservation } from "./EndReservation.tsx";
import { STATE_WORDS } from "./state-words.ts";
import { Tickets } from "./Tickets.tsx";

/** What somebody holds, for whoever has its link: what it is for, how it stands, and the end of it. */
export function ReservationPage({ id }: { readonly id: string }) {
  const token = useLinkToken();
  const [data, setData] = useState<ReservationPageData | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [reads, setReads] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again after each change
  useEffect(() => {
    if (token === null) return;
    let isWanted = true;
    void readReservation(id, token).then((sent) => {
      if (!isWanted) return;
      setProblem(sent.problem);
      if (sent.problem === null) setData(sent.data);
    });
    return () => {
      isWanted = false;
    };
  }, [id, token, reads]);
  return (
    <Page title={data === null ? "Your reservation" : data.event.name}>
      {token === null || problem?.code === "not_authenticated" ? (
        <DeadLink />
      ) : data === null ? (
        <Waiting problem={problem} />
      ) : (
        <Reservation data={data} token={token} onChanged={() => setReads(reads + 1)} />
      )}
    </Page>
  );
}

function DeadLink() {
  return (
    <>
      <h1>This link does not work</h1>
      <p className="lead">
        It was cut off, or the reservation was handed over and has a newer link. Open the link of
        the latest mail, whole.
      </p>
    </>
  );
}

function Waiting({ problem }: { readonly problem: Problem | null }) {
  if (problem === null) return <p role="status">Loading …</p>;
  return (
    <div className="notice" role="alert">
      <h1>{problem.title}</h1>
      <p>{problem.detail}</p>
    </div>
  );
}

interface ReservationProps {
  readonly data: ReservationPageData;
  readonly token: string;
  readonly onChanged: () => void;
}

function Reservation({ data, token, onChanged }: ReservationProps) {
  const { reservation, event } = data;
  const { state, expires_at: expiresAt, attendee, total } = reservation;
  const holder = [attendee.name, attendee.email].filter((part) => part).join(", ");
  const confirm = async () => {
    const { problem } = await confirmReservation(reservation.id, token);
    if (problem === null) onChanged();
    return problem;
  };
  return (
    <article>
      <h1 lang={event.language}>
        <a className="plain" href={`/e/${encodeURIComponent(event.slug)}`}>
          {event.name}
        </a>
      </h1>
      <p className="lead" role="status">
        {STATE_WORDS[state]}
        {state === "held" && expiresAt !== null
          ? ` Confirm by ${momentOf(expiresAt, event.time_zone)}.`
          : ""}
      </p>
      {event.state === "cancelled" ? <p className="notice">This event is cancelled.</p> : null}
      <Tickets data={data} token={token} />
      <h2>Places</h2>
      <Lines data={data} />
      <p className="sum">
        <span>Total</span> <span>{priceOf(total)}</span>
      </p>
      <p className="hint">All times are local to the event ({event.time_zone}).</p>
      {holder === "" ? null : (
        <>
          <h2>Reserved by</h2>
          <p>{holder}</p>
        </>
      )}
      {state === "held" && total.amount_minor === 0 ? (
        <Form button="Confirm it" busy="Confirming …" onSend={confirm} />
      ) : null}
      <EndReservation reservation={reservation} token={token} onEnded={onChanged} />
    </article>
  );
}

function Lines({ data: { reservation, event, slots } }: { readonly data: ReservationPageData }) {
  const types = new Map(event.ticket_types.map((type) => [type.id, type.name]));
  return (
    <ul className="prices">
      {reservation.lines.map((line) => {
        const slot = slots.get(line.slot_id);
        return (
          <li key={`${line.slot_id} ${line.ticket_type_id}`}>
            <span>
              {slot === undefined ? (
                "A time that was removed"
              ) : (
                <time dateTime={slot.starts_at}>
                  {dayOf(slot.starts_at, event.time_zone)},{" "}
                  {hoursOf(slot.starts_at, slot.ends_at, event.time_zone)}
                </time>
              )}
              <br />
              <span className="hint">
                {line.quantity} ×{" "}
                <span lang={event.language}>{types.get(line.ticket_type_id) ?? "Ticket"}</span>
              </span>
            </span>
            <span>{priceOf(line.unit_price)}</span>
          </li>
        );
      })}
    </ul>
  );
}
