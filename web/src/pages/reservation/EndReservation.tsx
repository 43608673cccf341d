import { useState } from "react";
import { Form } from "../../components/Form.tsx";
import { endReservation, type ReservationDetail } from "../../queries/reservations.ts";
import { END_WORDS } from "./state-words.ts";

interface EndReservationProps {
  readonly reservation: ReservationDetail;
  readonly token: string;
  readonly onEnded: () => void;
}

/** Gives places back, after asking whether that is meant. */
export function EndReservation({ reservation, token, onEnded }: EndReservationProps) {
  const [isAsked, setAsked] = useState(false);
  const words = END_WORDS[reservation.state];
  if (words === null) return null;
  if (!isAsked) {
    return (
      <button type="button" onClick={() => setAsked(true)}>
        {words.ask}
      </button>
    );
  }
  const send = async () => {
    const { problem } = await endReservation(reservation, token);
    if (problem === null) {
      setAsked(false);
      onEnded();
    }
    return problem;
  };
  return (
    <section aria-label={words.ask}>
      <h2>Are you sure?</h2>
      <p>{words.sure}</p>
      <Form button={words.ask} busy="One moment …" onSend={send} />
      <button type="button" className="quiet" onClick={() => setAsked(false)}>
        Keep it
      </button>
    </section>
  );
}
