import type { Mail } from "./mail-transport.ts";

/** What a mail says, in one language. */
export interface Letter {
  readonly language: string;
  readonly subject: string;
  readonly text: string;
  /** What leads further: as a button where there is HTML, as an address in the plain text. */
  readonly link?: { readonly button: string; readonly address: string };
}

/** The letter as a mail, in plain text and in HTML. */
export function mailOf(to: string, { language, subject, text, link }: Letter): Mail {
  const paragraphs = link === undefined ? [text] : [text, link.address];
  const button =
    link === undefined
      ? ""
      : `<p><a href="${escaped(link.address)}">${escaped(link.button)}</a></p>`;
  return {
    to,
    subject,
    text: `${paragraphs.join("\n\n")}\n`,
    html: `<!doctype html><html lang="${language}"><body><p>${escaped(text)}</p>${button}</body></html>\n`,
  };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
