import type { PricedLines } from "./change-request.ts";

/** Lines and draws of many requests, one after another; positions are counted from 1, as the database does. */
export interface FlatLines {
  /** The pools drawn on, each once, in the database's lock order: ids sort as their text does. */
  readonly pools: readonly string[];
  /** `from` and `to`: which are each request's own. None: `to` is below `from`. */
  readonly lines: {
    readonly from: number[];
    readonly to: number[];
    readonly slot: string[];
    readonly ticketType: string[];
    readonly quantity: number[];
    readonly price: number[];
  };
  /** `of`: the request that draws. */
  readonly draws: {
    readonly from: number[];
    readonly to: number[];
    readonly of: number[];
    readonly pool: string[];
    readonly quantity: number[];
  };
}

/** How requests with lines are told to a function of the database: arrays of one dimension. */
export function flatLines(requests: readonly { readonly priced: PricedLines | null }[]): FlatLines {
  const lines: FlatLines["lines"] = {
    from: [],
    to: [],
    slot: [],
    ticketType: [],
    quantity: [],
    price: [],
  };
  const draws: FlatLines["draws"] = { from: [], to: [], of: [], pool: [], quantity: [] };
  for (const [index, { priced }] of requests.entries()) {
    lines.from.push(lines.slot.length + 1);
    draws.from.push(draws.pool.length + 1);
    for (const line of priced?.lines ?? []) {
      lines.slot.push(line.slotId);
      lines.ticketType.push(line.ticketTypeId);
      lines.quantity.push(line.quantity);
      lines.price.push(line.unitPriceMinor);
    }
    for (const draw of priced?.draws ?? []) {
      draws.of.push(index + 1);
      draws.pool.push(draw.poolId);
      draws.quantity.push(draw.quantity);
    }
    lines.to.push(lines.slot.length);
    draws.to.push(draws.pool.length);
  }
  return { pools: [...new Set(draws.pool)].sort(), lines, draws };
}
