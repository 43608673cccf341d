import { mailOf } from "#platform/mail/letter.ts";
import type { Mail } from "#platform/mail/mail-transport.ts";
import { lookupLanguage } from "#platform/text.ts";
import type { GivenRole } from "./roles.ts";

// What an invitation says. The organizer's name is somebody's words: it stands in the text, in no link and no header
// beside the subject, on one line.

const WORDS = {
  en: {
    subject: (name: string) => `You are invited to ${name}`,
    text: (name: string, role: string, days: number) =>
      `You are invited to ${name} as ${role}. Accept within ${days} days; you need an account, which you can make then. If you do not know why, do nothing.`,
    button: "Accept the invitation",
    roles: { manager: "a manager", viewer: "a viewer", door: "a helper at the door" },
  },
  cs: {
    subject: (name: string) => `Pozvánka: ${name}`,
    text: (name: string, role: string, days: number) =>
      `${name} vás zve jako: ${role}. Pozvánku můžete přijmout do ${days} dnů; potřebujete účet, který si při tom můžete založit. Pokud nevíte proč, nedělejte nic.`,
    button: "Přijmout pozvánku",
    roles: { manager: "správce", viewer: "čtenář", door: "pomocník u vstupu" },
  },
} as const;
type MailLanguage = keyof typeof WORDS;

/** The mail with the link, in the language of those we write that whoever invites likes best. */
export function invitationMail(
  to: string,
  invitation: {
    readonly organizerName: string;
    readonly role: GivenRole;
    readonly days: number;
    readonly address: string;
    readonly languages: readonly string[];
  },
): Mail {
  const { organizerName, role, days, address, languages } = invitation;
  const language = (lookupLanguage(languages, Object.keys(WORDS)) ?? "en") as MailLanguage;
  const words = WORDS[language];
  return mailOf(to, {
    language,
    subject: words.subject(organizerName),
    text: words.text(organizerName, words.roles[role], days),
    links: [{ button: words.button, address }],
  });
}
