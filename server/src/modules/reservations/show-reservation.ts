import { type Caller, invalidToken } from "#platform/http/authentication.ts";
import type { Id } from "#platform/id.ts";
import type { Reservation } from "./reservation.ts";
import {
  askerOf,
  noSuchReservation,
  type ReservationRoutesContext,
  refuseWhenFull,
} from "./reservation-requests.ts";
import type { Viewer } from "./reservation-view.ts";

/** A reservation as it stands now, and as whom it is shown. */
export interface Shown {
  readonly reservation: Reservation;
  readonly viewer: Viewer;
}

/**
 * The reservation if the caller may see it. Whoever may only look, be it by a token for that or as a manager, is shown
 * what managers are.
 *
 * @throws `not_found` also for what is somebody else's, and `not_authenticated` for a token that was replaced.
 */
export async function showTo(
  context: ReservationRoutesContext,
  caller: Caller,
  reservationId: Id<"rsv">,
): Promise<Shown> {
  const { principal } = caller;
  const asker = await askerOf(context, caller, reservationId);
  const reservation = await refuseWhenFull(() => context.reader.read(reservationId));
  if (reservation === null || reservation.exchangeOf !== null) throw noSuchReservation();
  if (asker.as === "manager" && asker.eventId !== reservation.eventId) throw noSuchReservation();
  if (asker.as === "holder" && asker.generation !== reservation.generation) throw invalidToken();
  const mayManage = principal.kind === "reservation" && principal.may === "manage";
  return { reservation, viewer: mayManage ? "holder" : "manager" };
}
