/** A text for visitors: in one language, or in several by their tag. */
export type LocalisedText = string | Readonly<Record<string, string>>;

/** The text in the first of the visitor's languages it is there in, else in whichever comes first. */
export function textOf(text: LocalisedText, languages: readonly string[]): string {
  if (typeof text === "string") return text;
  const wanted = languages.flatMap((tag) => [tag, tag.split("-")[0] ?? tag]);
  const tag = wanted.find((language) => text[language] !== undefined);
  return (tag === undefined ? Object.values(text)[0] : text[tag]) ?? "";
}
