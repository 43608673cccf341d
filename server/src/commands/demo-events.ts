import type { EpochMs } from "#platform/clock.ts";
import { toRfc3339 } from "#platform/time.ts";

const DAY_MS = 86_400_000;

interface DemoSlot {
  readonly starts_at: string;
  readonly ends_at: string;
  readonly capacity: number;
  readonly note?: string;
}

/** Of what costs money: half of it back for who cancels late, three days to pay at the till or by bank transfer. */
const PAID_EVENT_RULES = {
  cancellation_free_hours: 48,
  cancellation_kept_percent: 50,
  offline_hold_hours: 72,
} as const;

/** Let in by a gate of its own. */
const FRONT_ROW = {
  name: "Front row",
  price: { amount_minor: 5900, currency: "EUR" },
  capacity: 40,
  max_per_reservation: 2,
  gates: ["Pier gate"],
} as const;

/** What there is to see after a first start: something free, something with prices, something nearly full of choice. */
export function demoEvents(now: EpochMs) {
  /** The local day that many days from now, as YYYY-MM-DD. */
  const day = (days: number) => toRfc3339(now + days * DAY_MS).slice(0, 10);
  const slot = (
    days: number,
    from: string,
    to: string,
    capacity: number,
    note?: string,
  ): DemoSlot => ({
    starts_at: `${day(days)}T${from}`,
    ends_at: `${day(days)}T${to}`,
    capacity,
    ...(note !== undefined && { note }),
  });
  return [
    {
      name: { en: "Night at the museum", cs: "Noc v muzeu", de: "Nacht im Museum" },
      slug: "night-at-the-museum",
      description: {
        en: "The collections by torchlight, half an hour at a time.",
        cs: "Sbírky při světle pochodní, po půlhodinách.",
        de: "Die Sammlungen bei Fackelschein, jeweils eine halbe Stunde.",
      },
      location: { name: "National Museum", address: "Václavské náměstí 68, Praha" },
      time_zone: "Europe/Prague",
      currency: "EUR",
      default_language: "en",
      ...PAID_EVENT_RULES,
      entry_opens_minutes: 15,
      publish: true,
      slots: [14, 15].flatMap((days) => [
        slot(days, "19:00", "19:30", 40, "North door"),
        slot(days, "19:30", "20:00", 40, "North door"),
        slot(days, "20:00", "20:30", 40, "North door"),
        slot(days, "20:30", "21:00", 40, "North door"),
      ]),
      ticket_types: [
        {
          name: { en: "Adult", cs: "Dospělý", de: "Erwachsene" },
          price: { amount_minor: 1200, currency: "EUR" },
        },
        {
          name: { en: "Child", cs: "Dítě", de: "Kind" },
          price: { amount_minor: 500, currency: "EUR" },
          capacity_per_slot: 15,
        },
      ],
    },
    {
      name: "Open workshop: repair café",
      slug: "repair-cafe",
      description: "Bring what is broken, leave with what works. Free.",
      location: { name: "Makers' Yard", address: "12 Quay Street, Bristol" },
      time_zone: "Europe/London",
      re_entry: true,
      publish: true,
      slots: [7, 14, 21].flatMap((days) => [
        slot(days, "10:00", "12:00", 12),
        slot(days, "13:00", "15:00", 12),
      ]),
    },
    {
      name: "Harbour lights: an evening concert",
      slug: "harbour-lights",
      description: "One evening, one stage, four hundred seats by the water.",
      location: { name: "Pier 4", address: "Pier 4, Hamburg" },
      time_zone: "Europe/Berlin",
      currency: "EUR",
      default_language: "en",
      ...PAID_EVENT_RULES,
      publish: true,
      slots: [slot(30, "20:00", "22:30", 400)],
      ticket_types: [
        { name: "Seat", price: { amount_minor: 2900, currency: "EUR" }, max_per_reservation: 6 },
        FRONT_ROW,
        {
          name: "Under 25",
          price: { amount_minor: 1000, currency: "EUR" },
          capacity: 80,
          max_per_reservation: 2,
        },
      ],
    },
  ] as const;
}
