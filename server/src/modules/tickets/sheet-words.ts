import { lookupLanguage } from "#platform/text.ts";

/** What a sheet says that is not the event's own, in one language. */
export interface SheetWords {
  readonly ticket: string;
  /** Several of them, as the title of a document. */
  readonly tickets: string;
  /** Which of how many: `1 of 4`. */
  readonly ordinal: (ordinal: number, count: number) => string;
  readonly when: string;
  readonly where: string;
  readonly kind: string;
  readonly admits: string;
  readonly people: (count: number) => string;
  readonly holder: string;
  readonly note: string;
  readonly localTime: (zone: string) => string;
  /** Instead of a picture, for who hears the page. */
  readonly codeAlt: (ticketId: string) => string;
  readonly howTo: string;
  readonly ticketNumber: string;
  /** Where letters had to be left out. */
  readonly missingLetters: string;
}

const WORDS = {
  en: {
    ticket: "Ticket",
    tickets: "Tickets",
    ordinal: (ordinal, count) => `${ordinal} of ${count}`,
    when: "When",
    where: "Where",
    kind: "Ticket type",
    admits: "Admits",
    people: (count) => (count === 1 ? "1 person" : `${count} people`),
    holder: "Name",
    note: "Please note",
    localTime: (zone) => `Local time, ${zone}`,
    codeAlt: (id) => `QR code of the ticket ${id}. The gate reads it to let you in.`,
    howTo:
      "Show this code at the gate, on paper or on a screen. Whoever shows it first gets in, so do not pass on pictures of it.",
    ticketNumber: "Ticket number",
    missingLetters: "□ stands for letters that could not be printed here.",
  },
  de: {
    ticket: "Ticket",
    tickets: "Tickets",
    ordinal: (ordinal, count) => `${ordinal} von ${count}`,
    when: "Wann",
    where: "Wo",
    kind: "Ticketart",
    admits: "Gilt für",
    people: (count) => (count === 1 ? "1 Person" : `${count} Personen`),
    holder: "Name",
    note: "Bitte beachten",
    localTime: (zone) => `Ortszeit, ${zone}`,
    codeAlt: (id) => `QR-Code des Tickets ${id}. Am Einlass wird er gelesen.`,
    howTo:
      "Zeigen Sie diesen Code am Einlass, auf Papier oder auf einem Bildschirm. Wer ihn zuerst zeigt, kommt hinein: Geben Sie keine Bilder davon weiter.",
    ticketNumber: "Ticketnummer",
    missingLetters: "□ steht für Zeichen, die hier nicht gedruckt werden konnten.",
  },
  cs: {
    ticket: "Vstupenka",
    tickets: "Vstupenky",
    ordinal: (ordinal, count) => `${ordinal} z ${count}`,
    when: "Kdy",
    where: "Kde",
    kind: "Druh vstupenky",
    admits: "Platí pro",
    people: (count) => (count === 1 ? "1 osobu" : count < 5 ? `${count} osoby` : `${count} osob`),
    holder: "Jméno",
    note: "Upozornění",
    localTime: (zone) => `místní čas, ${zone}`,
    codeAlt: (id) => `QR kód vstupenky ${id}. Přečtou si ho u vchodu.`,
    howTo:
      "Tento kód ukažte u vchodu, na papíře nebo na displeji. Projde ten, kdo ho ukáže první, proto jeho obrázek nikomu nepředávejte.",
    ticketNumber: "Číslo vstupenky",
    missingLetters: "□ nahrazuje znaky, které zde nebylo možné vytisknout.",
  },
  fr: {
    ticket: "Billet",
    tickets: "Billets",
    ordinal: (ordinal, count) => `${ordinal} sur ${count}`,
    when: "Quand",
    where: "Où",
    kind: "Type de billet",
    admits: "Valable pour",
    people: (count) => (count === 1 ? "1 personne" : `${count} personnes`),
    holder: "Nom",
    note: "À noter",
    localTime: (zone) => `heure locale, ${zone}`,
    codeAlt: (id) => `Code QR du billet ${id}. Il est lu à l’entrée.`,
    howTo:
      "Présentez ce code à l’entrée, sur papier ou à l’écran. La première personne qui le présente entre : n’en partagez donc pas d’image.",
    ticketNumber: "Numéro du billet",
    missingLetters: "□ remplace des caractères qui n’ont pas pu être imprimés ici.",
  },
  es: {
    ticket: "Entrada",
    tickets: "Entradas",
    ordinal: (ordinal, count) => `${ordinal} de ${count}`,
    when: "Cuándo",
    where: "Dónde",
    kind: "Tipo de entrada",
    admits: "Válida para",
    people: (count) => (count === 1 ? "1 persona" : `${count} personas`),
    holder: "Nombre",
    note: "Aviso",
    localTime: (zone) => `hora local, ${zone}`,
    codeAlt: (id) => `Código QR de la entrada ${id}. Se lee en el acceso.`,
    howTo:
      "Muestre este código en el acceso, en papel o en pantalla. Entra quien lo muestra primero: no comparta imágenes de él.",
    ticketNumber: "Número de entrada",
    missingLetters: "□ sustituye letras que no se pudieron imprimir aquí.",
  },
} as const satisfies Record<string, SheetWords>;

export type SheetLanguage = keyof typeof WORDS;

/** The languages that sheets have words in. */
export const SHEET_LANGUAGES = Object.keys(WORDS) as readonly SheetLanguage[];

/** The one of them that suits a text in this language: English where none does. */
export function sheetLanguage(language: string): SheetLanguage {
  return (lookupLanguage([language], SHEET_LANGUAGES) ?? "en") as SheetLanguage;
}

export function wordsIn(language: SheetLanguage): SheetWords {
  return WORDS[language];
}
