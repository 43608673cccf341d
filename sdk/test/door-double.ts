import type { DoorData, NewRedemption, OfflineGateOptions, Redemption } from "../src/index.ts";
import { problemOf, TesseraUnreachable } from "../src/problem.ts";
import { readTicketCode } from "../src/ticket-code.ts";
import { vectors } from "./published-codes.ts";

type Server = OfflineGateOptions["server"];
type ScanSent = Parameters<Server["sync"]>[0]["scans"][number];

interface Ticket {
  times: number;
  inside: number;
  at: string;
  gate: string | null;
}

interface Taken {
  readonly outcome: Redemption["outcome"];
  readonly surplus: boolean;
}

/** The part of the server that gates speak with, in memory: it knows what was admitted, and counts nothing twice. */
export class DoorDouble {
  /** `down`: nobody is answered. `deaf`: what is sent is done, and its answer lost. */
  network: "up" | "down" | "deaf" = "up";
  settings = { re_entry: false, entry_opens_minutes: 60 };
  gates: readonly string[] | null = null;
  admits = 1;
  revoked: string[] = [...vectors.revoked_tickets];
  keys = vectors.keys;
  /** So many entries of `admitted` on a page. */
  pageItemsMax = 5_000;
  /** When it is, by the server's clock. */
  at = "2027-06-15T17:05:00.000Z";
  state: DoorData["state"] = "published";
  readonly asked: string[] = [];
  readonly slices: (readonly ScanSent[])[] = [];
  /** Refuses a slice that has a scan with this code. */
  poison: string | null = null;
  /** Once set, every request is refused with it. */
  refusal: number | null = null;
  readonly #tickets = new Map<string, Ticket>();
  readonly #answers = new Map<string, Taken>();
  /** Which tickets changed, one after the other. */
  readonly #changes: string[] = [];

  readonly server: Server = {
    redeem: async (body) => {
      this.#enter("redeem");
      const { outcome } = this.#take({ id: body.nonce ?? "", at: this.at, ...body });
      if (this.network === "deaf") throw new DOMException("no answer in time", "TimeoutError");
      return this.#redemption(body, outcome);
    },
    sync: async ({ scans, gate = "" }) => {
      this.#enter("sync");
      this.slices.push(scans);
      if (scans.some(({ code }) => code === this.poison)) throw this.#problem(422, "invalid_field");
      const results = scans
        .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
        .map((scan) => {
          const { outcome, surplus } = this.#take({ gate, ...scan });
          const id = idIn(scan.code);
          const known = id === null ? undefined : this.#tickets.get(id);
          const first = surplus && known ? { at: known.at, gate: known.gate } : null;
          return {
            ...{ id: scan.id, outcome, surplus, ticket_id: id, reasons: [] },
            ...{ presented_before: 0, last_presented_at: null, first_admitted: first },
          };
        });
      return { results, surplus: results.filter(({ surplus }) => surplus).length };
    },
    data: async (_eventId, query) => {
      this.#enter("data");
      const from = query?.after === undefined ? 0 : Number(query.after);
      if (!(from <= this.#changes.length)) throw this.#problem(422, "invalid_field");
      return this.#door(from);
    },
  };

  /** How often the ticket has been admitted. */
  timesOf(ticketId: string): number {
    return this.#tickets.get(ticketId)?.times ?? 0;
  }

  #enter(name: string): void {
    this.asked.push(name);
    if (this.network === "down") throw new TesseraUnreachable("there is no network");
    if (this.refusal !== null) throw this.#problem(this.refusal, "not_authenticated");
  }

  #problem(status: number, code: string) {
    const headers = { "content-type": "application/problem+json" };
    return problemOf(new Response(null, { status, headers }), JSON.stringify({ code }));
  }

  #take(scan: ScanSent): Taken {
    const before = this.#answers.get(scan.id);
    if (before !== undefined) return before;
    const answer = this.#decide(scan);
    this.#answers.set(scan.id, answer);
    return answer;
  }

  #decide({ code, direction, at, gate, let_through: wasLetThrough }: ScanSent): Taken {
    const id = idIn(code);
    const read = readTicketCode(code);
    if (id === null || typeof read === "string") {
      return { outcome: "unknown", surplus: false };
    }
    const ticket = this.#tickets.get(id) ?? { times: 0, inside: 0, at, gate: gate ?? null };
    this.#tickets.set(id, ticket);
    this.#changes.push(id);
    if (direction === "out") {
      const isInside = ticket.inside > 0;
      ticket.inside -= isInside ? 1 : 0;
      return { outcome: isInside ? "left" : "not_inside", surplus: false };
    }
    const used = this.settings.re_entry ? ticket.inside : ticket.times;
    if (used >= this.admits) {
      return { outcome: "already_presented", surplus: wasLetThrough === true };
    }
    if (wasLetThrough === false) return { outcome: "too_early", surplus: false };
    ticket.times++;
    ticket.inside++;
    return { outcome: "admitted", surplus: false };
  }

  #redemption({ code }: NewRedemption, outcome: Redemption["outcome"]): Redemption {
    const id = idIn(code);
    const known = id === null ? undefined : this.#tickets.get(id);
    const published = vectors.codes.find((one) => one.code === code);
    return {
      outcome,
      presented_before: 0,
      last_presented_at: null,
      reasons: reasonsOf(outcome),
      ticket:
        published === undefined
          ? null
          : {
              id: published.ticket_id,
              ticket_type: { id: published.ticket_type_id, name: "Adult" },
              slot: {
                id: published.slot_id,
                starts_at: published.starts_at,
                ends_at: published.ends_at,
                starts_at_local: "2027-06-15T19:00:00",
              },
              holder_initials: "A. L.",
              admits: published.admits,
            },
      first_admitted:
        outcome === "already_presented" && known ? { at: known.at, gate: known.gate } : null,
    };
  }

  #door(from: number): DoorData {
    const to = Math.min(from + this.pageItemsMax, this.#changes.length);
    const ids = new Set(this.#changes.slice(from, to));
    const counts = { expected: 0, admitted: 0, inside: 0, refused: 0, surplus: 0, presented: 0 };
    const [ticket] = vectors.codes;
    return {
      event_id: vectors.event_id,
      cursor: String(to),
      complete: to === this.#changes.length,
      state: this.state,
      time_zone: "Europe/Prague",
      settings: this.settings,
      keys: [...this.keys],
      slots: ticket
        ? [{ id: ticket.slot_id, starts_at: ticket.starts_at, ends_at: ticket.ends_at }]
        : [],
      ticket_types: ticket
        ? [
            {
              id: ticket.ticket_type_id,
              name: "Adult",
              admits: this.admits,
              gates: this.gates && [...this.gates],
            },
          ]
        : [],
      revoked: this.revoked,
      admitted: [...ids].map((id) => {
        const { times = 0, inside = 0, at = "", gate = null } = this.#tickets.get(id) ?? {};
        return { ticket_id: id, times, inside, at, gate };
      }),
      counts,
    };
  }
}

function reasonsOf(outcome: Redemption["outcome"]): Redemption["reasons"] {
  if (outcome === "admitted" || outcome === "left") return [];
  const code = outcome === "not_inside" ? outcome : "already_admitted";
  return [{ code, message: outcome }];
}

function idIn(code: string): string | null {
  const read = readTicketCode(code);
  return typeof read === "string" ? null : read.ticketId;
}
