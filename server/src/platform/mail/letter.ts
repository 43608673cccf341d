import type { Mail } from "./mail-transport.ts";

/** What leads further: a button where there is HTML, an address in the plain text. */
export interface LetterLink {
  readonly button: string;
  readonly address: string;
}

/** What a mail says, in one language. */
export interface Letter {
  readonly language: string;
  readonly subject: string;
  readonly text: string;
  readonly links?: readonly LetterLink[];
}

/** The letter as a mail, in plain text and in HTML. */
export function mailOf(to: string, { language, subject, text, links = [] }: Letter): Mail {
  const said = links.length > 1 ? links.map(spelled) : links.map(({ address }) => address);
  const buttons = links.map(
    ({ button, address }) => `<p><a href="${escaped(address)}">${escaped(button)}</a></p>`,
  );
  return {
    to,
    subject,
    text: `${[text, ...said].join("\n\n")}\n`,
    html: `<!doctype html><html lang="${language}"><body><p>${escaped(text)}</p>${buttons.join("")}</body></html>\n`,
  };
}

/** Of several links each says what it is. */
function spelled({ button, address }: LetterLink): string {
  return `${button}:\n${address}`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
