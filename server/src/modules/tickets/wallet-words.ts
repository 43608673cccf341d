import { type SheetLanguage, sheetLanguage } from "./sheet-words.ts";

/** The labels of a ticket in a wallet. Wallets show those of the phone's language, else the English ones. */
export const LABELS = {
  en: {
    Event: "Event",
    Place: "Place",
    Starts: "Starts",
    Ends: "Ends",
    "Time zone": "Time zone",
    Type: "Type",
    Admits: "Admits",
    Name: "Name",
    Ticket: "Ticket",
    Note: "Note",
    Address: "Address",
    "Event page": "Event page",
    "Ticket number": "Ticket number",
  },
  de: {
    Event: "Veranstaltung",
    Place: "Ort",
    Starts: "Beginn",
    Ends: "Ende",
    "Time zone": "Zeitzone",
    Type: "Art",
    Admits: "Personen",
    Name: "Name",
    Ticket: "Ticket",
    Note: "Hinweis",
    Address: "Adresse",
    "Event page": "Seite der Veranstaltung",
    "Ticket number": "Ticketnummer",
  },
  cs: {
    Event: "Akce",
    Place: "Místo",
    Starts: "Začátek",
    Ends: "Konec",
    "Time zone": "Časové pásmo",
    Type: "Druh",
    Admits: "Osob",
    Name: "Jméno",
    Ticket: "Vstupenka",
    Note: "Poznámka",
    Address: "Adresa",
    "Event page": "Stránka akce",
    "Ticket number": "Číslo vstupenky",
  },
  fr: {
    Event: "Événement",
    Place: "Lieu",
    Starts: "Début",
    Ends: "Fin",
    "Time zone": "Fuseau horaire",
    Type: "Type",
    Admits: "Personnes",
    Name: "Nom",
    Ticket: "Billet",
    Note: "Remarque",
    Address: "Adresse",
    "Event page": "Page de l’événement",
    "Ticket number": "Numéro du billet",
  },
  es: {
    Event: "Evento",
    Place: "Lugar",
    Starts: "Comienza",
    Ends: "Termina",
    "Time zone": "Zona horaria",
    Type: "Tipo",
    Admits: "Personas",
    Name: "Nombre",
    Ticket: "Entrada",
    Note: "Nota",
    Address: "Dirección",
    "Event page": "Página del evento",
    "Ticket number": "Número de entrada",
  },
} as const satisfies Record<SheetLanguage, Record<string, string>>;

export type Label = keyof (typeof LABELS)["en"];

const DESCRIPTIONS = {
  en: (event: string) => `Ticket for ${event}`,
  de: (event: string) => `Ticket für ${event}`,
  cs: (event: string) => `Vstupenka na ${event}`,
  fr: (event: string) => `Billet pour ${event}`,
  es: (event: string) => `Entrada para ${event}`,
} as const satisfies Record<SheetLanguage, unknown>;

/** What a screen reader says of a ticket, in the language of those we write that suits best. */
export function ticketDescription(event: string, language: string): string {
  return DESCRIPTIONS[sheetLanguage(language)](event);
}
