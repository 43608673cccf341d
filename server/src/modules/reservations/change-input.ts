import type { Id } from "#platform/id.ts";
import type { ChangeReason, RequestKey } from "./change-request.ts";
import type { ReservationAction } from "./reservation.ts";

/** Who asks for a change: the holder of the reservation's token, or a manager of its event. */
export type Asker =
  | { readonly as: "holder"; readonly generation: number }
  | {
      readonly as: "manager";
      readonly eventId: Id<"evt">;
      readonly organizerId: Id<"org"> | null;
    };

export interface ChangeInput {
  readonly reservationId: Id<"rsv">;
  readonly asker: Asker;
  readonly requestKey: RequestKey | null;
}

/** How often a change is tried again when the catalogue, or the reservation itself, changes under it. */
export const CHANGE_TRIES_MAX = 5;

/** What every change says of itself: on whose behalf, what they may reach, and under which key. */
export function asAsked(input: ChangeInput, action: ReservationAction) {
  const reason: ChangeReason = input.asker.as;
  return {
    action,
    reason,
    reservationId: input.reservationId,
    eventId: input.asker.as === "manager" ? input.asker.eventId : null,
    generation: input.asker.as === "holder" ? input.asker.generation : null,
    requestKey: input.requestKey,
  } as const;
}
