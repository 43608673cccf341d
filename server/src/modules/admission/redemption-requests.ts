import type { FastifyRequest } from "fastify";
import type { EventFacts } from "#modules/catalog/index.ts";
import type { EpochMs } from "#platform/clock.ts";
import { idParam } from "#platform/http/ids.ts";
import { invalidField, Problem } from "#platform/http/problem.ts";
import type { Id } from "#platform/id.ts";
import { acceptedLanguages } from "#platform/text.ts";
import { readTime } from "#platform/wall-time.ts";
import type { EventsOfTickets } from "./presenter.ts";
import type { Redeem } from "./redeem.ts";
import type { Answering } from "./redemption-view.ts";

// What presenting one code and reporting many have in common: what is read of a request, and in whose words it is answered.

export interface RedemptionRoutesContext {
  readonly events: EventsOfTickets & {
    typeNames(
      eventId: Id<"evt">,
      languages: readonly string[],
    ): Promise<ReadonlyMap<Id<"tty">, string>>;
  };
  readonly redeem: Redeem;
}

const NO_NAMES: Answering["typeNames"] = new Map();

/** In the words of who asks. */
export async function answeringFor(
  { events }: Pick<RedemptionRoutesContext, "events">,
  request: FastifyRequest,
  event: EventFacts | null,
): Promise<Answering> {
  const languages = acceptedLanguages(request.headers["accept-language"]);
  const typeNames = event === null ? NO_NAMES : await events.typeNames(event.eventId, languages);
  return { event, languages, typeNames };
}

export function slotOf(text: string | undefined): Id<"slt"> | null {
  return text === undefined ? null : idParam("slt", text);
}

/** @throws `invalid_field` when it is no time. */
export function instantOf(text: string, path: string): EpochMs {
  const time = readTime(text, "UTC");
  if ("at" in time) return time.at;
  const error = { path, code: time.refusal, message: time.message };
  throw new Problem(invalidField, `${path} ${time.message}.`, { errors: [error] });
}
