import { Problem, problemType } from "#platform/http/problem.ts";
import { formatId, type Id } from "#platform/id.ts";

export const slugTaken = problemType({
  code: "slug_taken",
  status: 409,
  title: "Another event has this slug",
});

export const SLUG_LENGTH_MAX = 80;
/** Cut shorter when it is made from a name, to leave room for what makes it unique. */
const MADE_SLUG_LENGTH_MAX = 60;
const NUMBERED_MAX = 9;

const SLUG = /^[\p{Ll}\p{Lo}\p{Lm}\p{N}\p{M}]+(?:-[\p{Ll}\p{Lo}\p{Lm}\p{N}\p{M}]+)*$/u;

/** Small letters and digits of any script, in words joined by hyphens: never mistaken for an id. */
export function isSlug(text: string): boolean {
  return text.length <= SLUG_LENGTH_MAX && text === foldSlug(text) && SLUG.test(text);
}

/** The spelling under which a slug is stored and found. */
export function foldSlug(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

/** A slug made of a name: `Noc v muzeu!` is `noc-v-muzeu`. Scripts other than Latin are kept. */
export function slugOf(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replaceAll(/[\u0300-\u036f]/g, "")
    .normalize("NFC")
    .toLowerCase();
  const words = plain.match(/[\p{Ll}\p{Lo}\p{Lm}\p{N}\p{M}]+/gu) ?? [];
  const slug = [...words.join("-")].slice(0, MADE_SLUG_LENGTH_MAX).join("").replace(/-+$/, "");
  return slug === "" || !isSlug(slug) ? "event" : slug;
}

/** Slugs to try for an event whose slug was not given, the nicest first; the last is nobody's. */
export function slugsToTry(base: string, eventId: Id<"evt">): readonly string[] {
  const numbered = Array.from({ length: NUMBERED_MAX - 1 }, (_, index) => `${base}-${index + 2}`);
  const certain = `${base}-${formatId("evt", eventId).slice(-10)}`;
  return [base, ...numbered, certain];
}

export function refuseTakenSlug(slug: string): Problem {
  return new Problem(slugTaken, "Choose another slug, or leave it out to be given one.", {
    reasons: [{ code: slugTaken.code, message: "The slug is another event's.", slug }],
  });
}
