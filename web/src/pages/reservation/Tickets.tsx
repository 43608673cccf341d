import { useEffect, useId, useState } from "react";
import { keepFile } from "../../components/keep-file.ts";
import { dayOf, hoursOf } from "../../format/time.ts";
import type { HeldTicket, ReservationPageData } from "../../queries/reservations.ts";
import type { Problem } from "../../queries/send.ts";
import {
  type CalendarLinks,
  readCalendarLinks,
  readTicketQr,
  readTicketsPdf,
} from "../../queries/tickets.ts";
import { useWallets, Wallets } from "./Wallets.tsx";

interface TicketsProps {
  readonly data: ReservationPageData;
  readonly token: string;
}

/** Each code is a request: of many, only these are shown at once. */
const SHOWN_AT_FIRST = 6;

/** What the holder shows at the gate, prints, and puts into a calendar. Nothing where there is no code for this link. */
export function Tickets({ data, token }: TicketsProps) {
  const tickets = data.reservation.tickets.filter(({ code }) => code !== "");
  const [isAllShown, setAllShown] = useState(false);
  const wallets = useWallets(tickets[0]?.id, token);
  if (tickets.length === 0) return null;
  const shown = isAllShown ? tickets : tickets.slice(0, SHOWN_AT_FIRST);
  return (
    <section aria-label="Tickets">
      <h2>{tickets.length === 1 ? "Your ticket" : `Your ${tickets.length} tickets`}</h2>
      <p className="hint">Show the code at the gate, on this screen or on paper.</p>
      <ul className="tickets">
        {shown.map((ticket, index) => (
          <li key={ticket.id} className="ticket">
            <Code ticket={ticket} token={token} place={`${index + 1} of ${tickets.length}`} />
            <div>
              <TicketWords data={data} ticket={ticket} place={index + 1} count={tickets.length} />
              <Wallets ticket={ticket} token={token} offered={wallets} />
            </div>
          </li>
        ))}
      </ul>
      {shown.length < tickets.length ? (
        <button type="button" className="quiet" onClick={() => setAllShown(true)}>
          Show all {tickets.length}
        </button>
      ) : null}
      <Take reservationId={data.reservation.id} token={token} />
    </section>
  );
}

interface CodeProps {
  readonly ticket: HeldTicket;
  readonly token: string;
  readonly place: string;
}

function Code({ ticket, token, place }: CodeProps) {
  const [picture, setPicture] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let isWanted = true;
    void readTicketQr(ticket.id, token).then((sent) => {
      if (!isWanted) return;
      setProblem(sent.problem);
      if (sent.problem === null) setPicture(sent.data);
    });
    return () => {
      isWanted = false;
    };
  }, [ticket.id, token]);
  if (problem !== null) {
    return (
      <p className="code" role="alert">
        {problem.detail}
      </p>
    );
  }
  return (
    <div className="code">
      {picture === null ? (
        <span role="status">Loading …</span>
      ) : (
        <img src={picture} alt={`QR code of ticket ${place}`} width="240" height="240" />
      )}
    </div>
  );
}

interface TicketWordsProps {
  readonly data: ReservationPageData;
  readonly ticket: HeldTicket;
  readonly place: number;
  readonly count: number;
}

function TicketWords({ data: { event, slots }, ticket, place, count }: TicketWordsProps) {
  const slot = slots.get(ticket.slot_id);
  const type = event.ticket_types.find(({ id }) => id === ticket.ticket_type_id);
  return (
    <p>
      <strong lang={event.language}>{type?.name ?? "Ticket"}</strong>
      {count > 1 ? ` · ${place} of ${count}` : ""}
      {slot === undefined ? null : (
        <>
          <br />
          <time className="hint" dateTime={slot.starts_at}>
            {dayOf(slot.starts_at, event.time_zone)},{" "}
            {hoursOf(slot.starts_at, slot.ends_at, event.time_zone)}
          </time>
        </>
      )}
    </p>
  );
}

interface TakeProps {
  readonly reservationId: string;
  readonly token: string;
}

/** To take away: all of them on paper, and the time in a calendar that follows changes. */
function Take({ reservationId, token }: TakeProps) {
  const [links, setLinks] = useState<CalendarLinks | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = async (work: () => Promise<Problem | null>) => {
    setBusy(true);
    setProblem(await work());
    setBusy(false);
  };
  const print = async () => {
    const sent = await readTicketsPdf(reservationId, token);
    if (sent.problem === null) keepFile(sent.data, "tickets.pdf");
    return sent.problem;
  };
  const subscribe = async () => {
    const sent = await readCalendarLinks(reservationId, token);
    if (sent.problem === null) setLinks(sent.data);
    return sent.problem;
  };
  return (
    <>
      <p className="actions">
        <button
          type="button"
          className="main-action"
          disabled={isBusy}
          onClick={() => void load(print)}
        >
          Download as PDF
        </button>
        {links === null ? (
          <button type="button" disabled={isBusy} onClick={() => void load(subscribe)}>
            Add to calendar
          </button>
        ) : null}
      </p>
      {problem === null ? null : (
        <p className="problem" role="alert">
          {problem.detail}
        </p>
      )}
      {links === null ? null : <Subscribe links={links} />}
    </>
  );
}

function Subscribe({ links }: { readonly links: CalendarLinks }) {
  const id = useId();
  return (
    <div className="notice" role="status">
      <p>
        <a href={links.webcal_url}>Open it in your calendar</a>. It follows changes: when the time
        moves, so does the entry.
      </p>
      <div className="field">
        <label htmlFor={id}>Or give your calendar this address</label>
        <input id={id} readOnly value={links.url} onFocus={(event) => event.target.select()} />
        <p className="hint">Whoever has it sees when and where, but no names and no codes.</p>
      </div>
    </div>
  );
}
