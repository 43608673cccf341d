import { mailOf } from "#platform/mail/letter.ts";
import type { Mail } from "#platform/mail/mail-transport.ts";
import { lookupLanguage } from "#platform/text.ts";

const WORDS = {
  en: {
    subject: (event: string) => `Your reservations: ${event}`,
    text: (event: string) =>
      `Somebody, probably you, asked for the links to what is reserved with this address for ${event}. Whoever has a link may see, change and cancel that reservation: keep it to yourself.`,
    places: (moment: string, places: number) =>
      `${moment}, ${places} place${places === 1 ? "" : "s"}`,
  },
  cs: {
    subject: (event: string) => `Vaše rezervace: ${event}`,
    text: (event: string) =>
      `Někdo, nejspíš vy, požádal o odkazy na rezervace s touto adresou na akci ${event}. Kdo má odkaz, může rezervaci zobrazit, změnit a zrušit: nikomu ho neposílejte.`,
    places: (moment: string, places: number) => `${moment}, míst: ${places}`,
  },
} as const;
type MailLanguage = keyof typeof WORDS;

/** A reservation as the mail tells it. */
export interface ResentLink {
  /** Of its first slot; null where that is gone. */
  readonly startsAt: number | null;
  readonly places: number;
  readonly address: string;
}

/** The mail with a link to each reservation, in the language of those we write that was asked for. */
export function resendMail(
  to: string,
  resent: {
    readonly event: string;
    readonly timeZone: string;
    readonly links: readonly ResentLink[];
    readonly languages: readonly string[];
  },
): Mail {
  const { event, timeZone, links, languages } = resent;
  const language = (lookupLanguage(languages, Object.keys(WORDS)) ?? "en") as MailLanguage;
  const words = WORDS[language];
  const format = new Intl.DateTimeFormat(language, {
    dateStyle: "long",
    timeStyle: "short",
    timeZone,
  });
  return mailOf(to, {
    language,
    subject: words.subject(event),
    text: words.text(event),
    links: links.map(({ startsAt, places, address }) => ({
      button: words.places(startsAt === null ? event : format.format(startsAt), places),
      address,
    })),
  });
}
