import type { EpochMs } from "#platform/clock.ts";
import { lookupLanguage } from "#platform/text.ts";
import type { Reason } from "./redemption.ts";

/** What texts of refusals speak of. Times are said in the zone of the event. */
export interface RefusalFacts {
  readonly opensAt: () => string;
  readonly startsAt: () => string;
  readonly endsAt: () => string;
  /** Where the ticket is let in. */
  readonly gates: () => string;
  /** When, and where if somebody said so, it was let in first. */
  readonly firstAdmitted: () => string;
}

type Texts = Readonly<Record<Reason, (facts: RefusalFacts) => string>>;

const TEXTS = {
  en: {
    malformed: () => "This is no ticket of ours: it cannot be read as one.",
    version: () => "This ticket is of a newer kind than this server knows.",
    other_event: () => "This ticket is for another event.",
    unknown_key: () => "This ticket was not signed by this organizer.",
    signature: () => "This ticket is forged or was altered.",
    no_such_ticket: () => "There is no such ticket.",
    nonce_reused: () =>
      "The gate gave two presentations the same name. Scan again; if it stays so, restart the gate.",
    key_revoked: () =>
      "This ticket was called back with all of its time. Its holder finds a new one at the reservation.",
    ticket_revoked: () =>
      "This ticket is void: it was cancelled, exchanged, or passed on to somebody else.",
    event_cancelled: () => "The event is cancelled.",
    wrong_gate: ({ gates }) => `Not at this gate. This ticket is let in at: ${gates()}.`,
    other_slot: ({ startsAt }) => `This ticket is for another time: ${startsAt()}.`,
    over: ({ endsAt }) => `Its time is over since ${endsAt()}.`,
    too_early: ({ opensAt }) => `Too early. It is let in from ${opensAt()} on.`,
    already_admitted: ({ firstAdmitted }) => `Already let in: ${firstAdmitted()}.`,
    not_inside: () => "Nobody is inside with this ticket.",
  },
  de: {
    malformed: () => "Das ist kein Ticket von uns: Es lässt sich nicht lesen.",
    version: () => "Dieses Ticket ist von einer neueren Art, als dieser Server kennt.",
    other_event: () => "Dieses Ticket ist für eine andere Veranstaltung.",
    unknown_key: () => "Dieses Ticket hat nicht dieser Veranstalter ausgestellt.",
    signature: () => "Dieses Ticket ist gefälscht oder verändert.",
    no_such_ticket: () => "Dieses Ticket gibt es nicht.",
    nonce_reused: () =>
      "Der Einlass hat zwei Vorgänge gleich benannt. Noch einmal scannen; bleibt es so, den Einlass neu starten.",
    key_revoked: () =>
      "Dieses Ticket wurde mit allen aus seiner Zeit zurückgerufen. Ein neues steht bei der Reservierung.",
    ticket_revoked: () =>
      "Dieses Ticket ist ungültig: Es wurde storniert, umgetauscht oder weitergegeben.",
    event_cancelled: () => "Die Veranstaltung ist abgesagt.",
    wrong_gate: ({ gates }) => `Nicht an diesem Einlass. Dieses Ticket gilt hier: ${gates()}.`,
    other_slot: ({ startsAt }) => `Dieses Ticket ist für eine andere Zeit: ${startsAt()}.`,
    over: ({ endsAt }) => `Seine Zeit ist seit ${endsAt()} vorbei.`,
    too_early: ({ opensAt }) => `Zu früh. Einlass ab ${opensAt()}.`,
    already_admitted: ({ firstAdmitted }) => `Schon eingelassen: ${firstAdmitted()}.`,
    not_inside: () => "Mit diesem Ticket ist niemand drinnen.",
  },
  cs: {
    malformed: () => "Toto není naše vstupenka: nelze ji přečíst.",
    version: () => "Tato vstupenka je novějšího druhu, než jaký tento server zná.",
    other_event: () => "Tato vstupenka je na jinou akci.",
    unknown_key: () => "Tuto vstupenku nevydal tento pořadatel.",
    signature: () => "Tato vstupenka je padělaná nebo pozměněná.",
    no_such_ticket: () => "Taková vstupenka neexistuje.",
    nonce_reused: () =>
      "Vstup pojmenoval dvě předložení stejně. Načtěte znovu; pokud to potrvá, vstup restartujte.",
    key_revoked: () =>
      "Tato vstupenka byla odvolána se všemi ze své doby. Nová je u rezervace držitele.",
    ticket_revoked: () => "Tato vstupenka neplatí: byla zrušena, vyměněna nebo předána dál.",
    event_cancelled: () => "Akce je zrušena.",
    wrong_gate: ({ gates }) => `Ne tímto vchodem. Tato vstupenka platí zde: ${gates()}.`,
    other_slot: ({ startsAt }) => `Tato vstupenka je na jiný čas: ${startsAt()}.`,
    over: ({ endsAt }) => `Její čas skončil: ${endsAt()}.`,
    too_early: ({ opensAt }) => `Příliš brzy. Vstup od: ${opensAt()}.`,
    already_admitted: ({ firstAdmitted }) => `Už byla použita: ${firstAdmitted()}.`,
    not_inside: () => "S touto vstupenkou není nikdo uvnitř.",
  },
  fr: {
    malformed: () => "Ce n’est pas un de nos billets : il est illisible.",
    version: () => "Ce billet est d’un type plus récent que ce serveur ne connaît.",
    other_event: () => "Ce billet est pour un autre événement.",
    unknown_key: () => "Ce billet n’a pas été émis par cet organisateur.",
    signature: () => "Ce billet est falsifié ou modifié.",
    no_such_ticket: () => "Ce billet n’existe pas.",
    nonce_reused: () =>
      "L’entrée a donné le même nom à deux présentations. Scannez encore ; si cela persiste, redémarrez l’entrée.",
    key_revoked: () =>
      "Ce billet a été rappelé avec tous ceux de son temps. Un nouveau se trouve dans la réservation.",
    ticket_revoked: () => "Ce billet n’est plus valable : annulé, échangé ou transmis.",
    event_cancelled: () => "L’événement est annulé.",
    wrong_gate: ({ gates }) => `Pas à cette entrée. Ce billet est admis ici : ${gates()}.`,
    other_slot: ({ startsAt }) => `Ce billet est pour une autre heure : ${startsAt()}.`,
    over: ({ endsAt }) => `Son créneau est terminé depuis ${endsAt()}.`,
    too_early: ({ opensAt }) => `Trop tôt. Entrée à partir de ${opensAt()}.`,
    already_admitted: ({ firstAdmitted }) => `Déjà admis : ${firstAdmitted()}.`,
    not_inside: () => "Personne n’est à l’intérieur avec ce billet.",
  },
  es: {
    malformed: () => "No es una entrada nuestra: no se puede leer.",
    version: () => "Esta entrada es de un tipo más nuevo que los que conoce este servidor.",
    other_event: () => "Esta entrada es para otro evento.",
    unknown_key: () => "Esta entrada no la emitió este organizador.",
    signature: () => "Esta entrada es falsa o ha sido alterada.",
    no_such_ticket: () => "Esta entrada no existe.",
    nonce_reused: () =>
      "El acceso dio el mismo nombre a dos presentaciones. Escanee de nuevo; si sigue igual, reinicie el acceso.",
    key_revoked: () =>
      "Esta entrada fue retirada con todas las de su época. Hay una nueva en la reserva.",
    ticket_revoked: () => "Esta entrada no es válida: fue cancelada, cambiada o cedida.",
    event_cancelled: () => "El evento está cancelado.",
    wrong_gate: ({ gates }) => `No por este acceso. Esta entrada se admite en: ${gates()}.`,
    other_slot: ({ startsAt }) => `Esta entrada es para otra hora: ${startsAt()}.`,
    over: ({ endsAt }) => `Su hora terminó: ${endsAt()}.`,
    too_early: ({ opensAt }) => `Demasiado pronto. Entrada desde: ${opensAt()}.`,
    already_admitted: ({ firstAdmitted }) => `Ya admitida: ${firstAdmitted()}.`,
    not_inside: () => "Nadie está dentro con esta entrada.",
  },
} as const satisfies Readonly<Record<string, Texts>>;

type Language = keyof typeof TEXTS;
export const LANGUAGES = Object.keys(TEXTS) as readonly Language[];

/** The language of a refusal for who accepts these. */
export function languageOf(accepted: readonly string[]): Language {
  return (lookupLanguage(accepted, LANGUAGES) ?? "en") as Language;
}

export function refusalText(language: Language, reason: Reason, facts: RefusalFacts): string {
  return TEXTS[language][reason](facts);
}

const formats = new Map<string, Intl.DateTimeFormat>();
const FORMATS_MAX = 1_000;

/** A day and a time, as people of the language say it in the zone. */
export function timeText(language: Language, timeZone: string, at: EpochMs): string {
  const name = `${language} ${timeZone}`;
  let format = formats.get(name);
  if (format === undefined) {
    if (formats.size >= FORMATS_MAX) formats.clear();
    format = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
      timeZone,
      day: "numeric",
      month: "short",
      hour: "2-digit",
      minute: "2-digit",
    });
    formats.set(name, format);
  }
  return format.format(at);
}
