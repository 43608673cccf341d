/** One string per language, keyed by BCP 47 tags in their canonical spelling. Never empty. */
export type Texts = Readonly<Record<string, string>>;

/** More than anybody sends, little enough to be read at once. */
const RANGES_MAX = 20;

/**
 * The languages that `Accept-Language` asks for, dearest first, as sent: `cs-CZ`, `cs`, `*`.
 * What is refused (`q=0`) and what is not understood is left out.
 */
export function acceptedLanguages(header: string | undefined): readonly string[] {
  if (header === undefined || header.length > 1000) return [];
  const ranges: { range: string; quality: number }[] = [];
  for (const part of header.split(",", RANGES_MAX)) {
    const match =
      /^\s*(\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?$/.exec(
        part,
      );
    const range = match?.[1];
    const quality = Math.min(Number(match?.[2] ?? "1"), 1);
    if (range !== undefined && quality > 0) ranges.push({ range, quality });
  }
  return ranges.sort((a, b) => b.quality - a.quality).map(({ range }) => range);
}

/**
 * The one of the available languages that suits best, or null when none does. Lookup by RFC 4647
 * §3.4 (`de-AT` is content with `de`); beyond it, `pt` is content with `pt-BR` where there is no `pt`.
 */
export function lookupLanguage(
  accepted: readonly string[],
  available: readonly string[],
): string | null {
  for (const range of accepted) {
    if (range === "*") return null; // anything will do: the default
    for (let tag = range.toLowerCase(); tag !== ""; tag = parentOf(tag)) {
      const found =
        available.find((language) => language.toLowerCase() === tag) ??
        available.find((language) => language.toLowerCase().startsWith(`${tag}-`));
      if (found !== undefined) return found;
    }
  }
  return null;
}

/** The text in the language that suits best of those it is given in, else in the default language. */
export function textFor(
  accepted: readonly string[],
  texts: Texts,
  defaultLanguage: string,
): string {
  const language = lookupLanguage(accepted, Object.keys(texts)) ?? defaultLanguage;
  return texts[language] ?? (Object.values(texts)[0] as string);
}

/** The text without blanks around it and in one Unicode form: what looks the same is the same. */
export function canonicalText(text: string): string {
  return text.trim().normalize("NFC");
}

/** The tag in its canonical spelling (`DE-at` is `de-AT`), or null when it is none. */
export function canonicalLanguage(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}

/** Cuts the last part off, and a single letter with it (RFC 4647 §3.4). */
function parentOf(tag: string): string {
  const parts = tag.split("-").slice(0, -1);
  if (parts.at(-1)?.length === 1) parts.pop();
  return parts.join("-");
}

/** The same for two texts that differ in accents or capitals only: what searches compare. */
export function foldText(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
}
