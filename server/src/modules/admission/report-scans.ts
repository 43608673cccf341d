import { setImmediate as endOfTurn } from "node:timers/promises";
import type { FastifyRequest } from "fastify";
import type { EventFacts } from "#modules/catalog/index.ts";
import { refuseWhenFull } from "#modules/reservations/index.ts";
import { invalidField, Problem } from "#platform/http/problem.ts";
import { formatId } from "#platform/id.ts";
import { namedEvent, type Presenter, presenterOf, refuseOtherGate } from "./presenter.ts";
import type { Presentation, Redemption } from "./redemption.ts";
import {
  answeringFor,
  instantOf,
  type RedemptionRoutesContext,
  slotOf,
} from "./redemption-requests.ts";
import type { NewRedemptionsBody, RedemptionsBody } from "./redemption-schemas.ts";
import { presentedView } from "./redemption-view.ts";

/** So many scans of one report are under way at once: those who present now are served between. */
const AT_ONCE_MAX = 512;

type Scan = NewRedemptionsBody["scans"][number];

/**
 * Takes what a gate scanned without a network. Each scan is a presentation under its own id, the earliest first, and
 * told again it gets the same answer: a report that was cut short is sent again whole.
 *
 * @throws `invalid_field` when a time is none, before anything is done.
 */
export async function reportScans(
  context: RedemptionRoutesContext,
  request: FastifyRequest<{ Body: NewRedemptionsBody }>,
): Promise<RedemptionsBody> {
  const { body } = request;
  const presenter = presenterOf(request, body.gate);
  const event = await namedEvent(context.events, request, presenter, body.event_id);
  if (event === null) throw eventNeeded();
  const presentations = body.scans.map((scan, index) =>
    presentationOf(event, presenter, scan, `/scans/${index}`),
  );
  const redemptions = await redeemAll(context, presentations);
  const answering = await answeringFor(context, request, event);
  const results = redemptions.map((redemption, index) => ({
    id: (body.scans[index] as Scan).id,
    outcome: redemption.outcome,
    ...presentedView(answering, redemption),
    ticket_id: redemption.ticket === null ? null : formatId("tkt", redemption.ticket.ticketId),
    surplus: redemption.isSurplus,
  }));
  return { results, surplus: results.filter(({ surplus }) => surplus).length };
}

/** In the order of time, as far as it is known; answered in the order in which they came. */
async function redeemAll(
  { redeem }: RedemptionRoutesContext,
  presentations: readonly Presentation[],
): Promise<Redemption[]> {
  const order = presentations
    .map((presentation, index) => ({ presentation, index }))
    .sort((a, b) => (a.presentation.at ?? 0) - (b.presentation.at ?? 0));
  const redemptions: Redemption[] = new Array(order.length);
  for (let from = 0; from < order.length; from += AT_ONCE_MAX) {
    const some = order.slice(from, from + AT_ONCE_MAX);
    await Promise.all(
      some.map(async ({ presentation, index }) => {
        redemptions[index] = await refuseWhenFull(() => redeem.redeem(presentation));
      }),
    );
    await endOfTurn();
  }
  return redemptions;
}

function presentationOf(
  event: EventFacts,
  presenter: Presenter,
  scan: Scan,
  path: string,
): Presentation {
  // A pass is for one gate; whoever is of all of them may report for several.
  if (presenter.eventId !== null && presenter.gate !== null) {
    refuseOtherGate(presenter.gate, scan.gate);
  }
  return {
    event,
    code: scan.code,
    gate: presenter.eventId === null ? (scan.gate ?? presenter.gate) : presenter.gate,
    nonce: scan.id,
    at: instantOf(scan.at, `${path}/at`),
    direction: scan.direction ?? "in",
    slotId: slotOf(scan.slot_id),
    letThrough: scan.let_through ?? true,
    presenterId: presenter.id,
  };
}

function eventNeeded(): Problem {
  const message = "must say at which event: only a door pass is for one";
  return new Problem(invalidField, `/event_id ${message}.`, {
    errors: [{ path: "/event_id", code: "required", message }],
  });
}
