import { asAsked, type ChangeInput } from "./change-input.ts";
import { changeRequest } from "./change-request.ts";
import type { Attendee } from "./reservation.ts";
import { type Outcome, outcomeOf, type ReservationsContext, withAttendee } from "./reserve.ts";

/** Held and free: confirmed, its tickets issued. Asked again, the same answer. */
export async function confirmReservation(
  context: ReservationsContext,
  input: ChangeInput,
): Promise<Outcome> {
  return outcomeOf(context, await context.stock.change(changeRequest(asAsked(input, "confirm"))));
}

/** Held: a later end, `holdSeconds` from now, never past the hold's longest life and never earlier than before. */
export async function extendReservation(
  context: ReservationsContext,
  input: ChangeInput & { readonly holdSeconds: number },
): Promise<Outcome> {
  return outcomeOf(
    context,
    await context.stock.change(
      changeRequest({ ...asAsked(input, "extend"), holdSeconds: input.holdSeconds }),
    ),
  );
}

/** Held: the places are for sale again. Asked again, the same answer. */
export async function releaseReservation(
  context: ReservationsContext,
  input: ChangeInput,
): Promise<Outcome> {
  return outcomeOf(context, await context.stock.change(changeRequest(asAsked(input, "release"))));
}

/** A new holder: every token and ticket code from before stops working. */
export async function transferReservation(
  context: ReservationsContext,
  input: ChangeInput & { readonly attendee: Attendee; readonly language: string | null },
): Promise<Outcome> {
  const { attendee, language } = input;
  const result = await context.stock.change(
    changeRequest({ ...asAsked(input, "transfer"), attendee, language }),
  );
  return withAttendee(await outcomeOf(context, result), attendee);
}

/** Another attendee's data; places and tokens stay. */
export async function amendReservation(
  context: ReservationsContext,
  input: ChangeInput & { readonly attendee: Attendee | null; readonly language: string | null },
): Promise<Outcome> {
  const { attendee, language } = input;
  const result = await context.stock.change(
    changeRequest({ ...asAsked(input, "amend"), attendee, language }),
  );
  return withAttendee(await outcomeOf(context, result), attendee);
}
