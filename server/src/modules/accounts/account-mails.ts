import { AsyncLocalStorage } from "node:async_hooks";
import { mailOf } from "#platform/mail/letter.ts";
import type { Mail } from "#platform/mail/mail-transport.ts";
import { lookupLanguage } from "#platform/text.ts";

/** What is said to people, one map a language. */
interface Words {
  readonly subject: string;
  readonly text: string;
  readonly button?: string;
}
type MailKind = "verify" | "alreadyRegistered" | "reset";

const WORDS = {
  en: {
    verify: {
      subject: "Verify your address",
      text: "Somebody, probably you, registered with this address. Verify that it is yours within an hour. If it was not you, do nothing.",
      button: "Verify my address",
    },
    alreadyRegistered: {
      subject: "You have an account already",
      text: "Somebody, probably you, tried to register with this address, which has an account already. Log in with it, or ask for a new password. If it was not you, do nothing: nothing has changed.",
    },
    reset: {
      subject: "Set a new password",
      text: "Somebody, probably you, asked for a new password. Set it within an hour. If it was not you, do nothing: your password stays as it is.",
      button: "Set a new password",
    },
  },
  cs: {
    verify: {
      subject: "Ověřte svou adresu",
      text: "Někdo, nejspíš vy, se registroval s touto adresou. Do hodiny potvrďte, že je vaše. Pokud jste to nebyli vy, nedělejte nic.",
      button: "Ověřit adresu",
    },
    alreadyRegistered: {
      subject: "Účet už máte",
      text: "Někdo, nejspíš vy, se pokusil registrovat s touto adresou, ke které už účet existuje. Přihlaste se, nebo požádejte o nové heslo. Pokud jste to nebyli vy, nedělejte nic: nic se nezměnilo.",
    },
    reset: {
      subject: "Nastavte si nové heslo",
      text: "Někdo, nejspíš vy, požádal o nové heslo. Nastavte ho do hodiny. Pokud jste to nebyli vy, nedělejte nic: heslo zůstává, jaké bylo.",
      button: "Nastavit nové heslo",
    },
  },
} as const satisfies Record<string, Record<MailKind, Words>>;
type MailLanguage = keyof typeof WORDS;
const LANGUAGES = Object.keys(WORDS);

const asked = new AsyncLocalStorage<MailLanguage>();

/** Mails that `work` sends are in the language that the reader would like best of those we write. */
export function inLanguage<Result>(accepted: readonly string[], work: () => Result): Result {
  return asked.run((lookupLanguage(accepted, LANGUAGES) ?? "en") as MailLanguage, work);
}

/** A mail with, where it has a button, the link behind it. */
export function accountMail(kind: MailKind, to: string, address: string | null): Mail {
  const language = asked.getStore() ?? "en";
  const { subject, text, button }: Words = WORDS[language][kind];
  return mailOf(to, {
    language,
    subject,
    text,
    ...(address !== null && button !== undefined && { links: [{ button, address }] }),
  });
}
