import type { LocalizedText } from "#platform/http/schemas.ts";
import { canonicalLanguage, canonicalText, type Texts } from "#platform/text.ts";
import type { WrongFields } from "./wrong-fields.ts";

/** Where a text stands in the body and what it has to be. */
export interface TextRules {
  readonly path: string;
  readonly defaultLanguage: string;
  /** May it have line breaks? */
  readonly lines: "one" | "many";
  readonly wrong: WrongFields;
  /** The text as it is: a plain string changes the default language of it and keeps the others. */
  readonly known?: Texts | null;
}

/**
 * A text as it is stored: one string per language, trimmed, in one Unicode form, the default language
 * among them. A map is the complete new text. What is wrong is told to `wrong`.
 */
export function readTexts(input: LocalizedText, rules: TextRules): Texts {
  if (typeof input === "string") {
    const text = readOne(input, rules.path, rules);
    return { ...(rules.known ?? {}), [rules.defaultLanguage]: text };
  }
  const texts: Record<string, string> = {};
  for (const [tag, value] of Object.entries(input)) {
    const language = canonicalLanguage(tag);
    const path = `${rules.path}/${tag}`;
    if (language === null) rules.wrong.add(path, "bad_format", "is not a BCP 47 language");
    else if (Object.hasOwn(texts, language)) {
      rules.wrong.add(path, "not_unique", `is the language ${language} a second time`);
    } else texts[language] = readOne(value, path, rules);
  }
  if (!Object.hasOwn(texts, rules.defaultLanguage)) {
    const message = `needs the event's default language, ${rules.defaultLanguage}`;
    rules.wrong.add(rules.path, "default_language_missing", message);
  }
  return texts;
}

/** The same of a text that may be missing. */
export function readOptionalTexts(
  input: LocalizedText | null | undefined,
  rules: TextRules,
): Texts | null {
  if (input === undefined) return rules.known ?? null;
  return input === null ? null : readTexts(input, rules);
}

/** The default language where none is given: English, or the first of a name that is not in English. */
export function guessDefaultLanguage(name: LocalizedText, otherwise: string): string {
  if (typeof name === "string") return otherwise;
  const languages = Object.keys(name).flatMap((tag) => canonicalLanguage(tag) ?? []);
  return languages.includes(otherwise) ? otherwise : (languages[0] ?? otherwise);
}

/** One line of text that is in no language, such as the name of a gate: trimmed, in one Unicode form. */
export function readLine(input: string, path: string, wrong: WrongFields): string {
  return readOne(input, path, { lines: "one", wrong });
}

function readOne(
  input: string,
  path: string,
  { lines, wrong }: Pick<TextRules, "lines" | "wrong">,
): string {
  const text = canonicalText(input);
  if (!/[\p{L}\p{N}\p{P}\p{S}]/u.test(text)) {
    wrong.add(path, "bad_format", "has nothing in it that can be seen");
  }
  if (lines === "one" && /[\n\t\u2028\u2029]/.test(text)) {
    wrong.add(path, "bad_format", "must be one line of text");
  }
  return text;
}
