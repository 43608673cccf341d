import { type Call, createCall, settingsOf, type TesseraOptions } from "./call.ts";
import { doorCalls } from "./door-calls.ts";
import { eventCalls, slotCalls, ticketTypeCalls } from "./event-calls.ts";
import type { Availability } from "./generated.ts";
import type { CallOptions, DataOf, OperationId, RequestOf } from "./operations.ts";
import { paymentCalls } from "./payment-calls.ts";
import { reservationCalls } from "./reservation-calls.ts";
import { ticketCalls } from "./ticket-calls.ts";
import { type WatchOptions, watchStream } from "./watch-stream.ts";

/** A call that gives the answer's body alone. */
export type Ask = <Id extends OperationId>(id: Id, request: RequestOf<Id>) => Promise<DataOf<Id>>;

/**
 * A client of one server. Its groups name what is asked for most and answer with the body; `call`
 * reaches every operation of the API and tells also the status and whether the answer was replayed.
 *
 * Every write carries an idempotency key and is sent again, under the same key, when no answer came
 * or the server was overloaded: it is done at most once.
 *
 * @throws `TypeError` when `baseUrl` is no address.
 */
export function createTessera(options: TesseraOptions) {
  const settings = settingsOf(options);
  const call: Call = createCall(settings);
  const ask: Ask = async (id, request) => (await call(id, request)).data;
  return {
    call,
    events: eventCalls(ask),
    slots: slotCalls(ask),
    ticketTypes: ticketTypeCalls(ask),
    reservations: reservationCalls(ask),
    tickets: ticketCalls(ask),
    payments: paymentCalls(ask),
    availability: {
      read: (eventId: string, callOptions?: CallOptions) =>
        ask("readAvailability", { path: { id: eventId }, ...callOptions }),

      /** What is left, now and at every change, over broken connections; until the signal or `break`. */
      stream: (eventId: string, watchOptions?: WatchOptions) =>
        watchStream<Availability>(
          settings,
          { operationId: "streamAvailability", messages: "availability", eventId },
          watchOptions,
        ),
    },
    door: doorCalls(ask, settings),
  };
}

export type Tessera = ReturnType<typeof createTessera>;
