import { Type } from "typebox";
import { PAGE_ITEMS_DEFAULT, readCursor, writeCursor } from "#platform/http/pagination.ts";

/** Which part of a list is read: so many that were made before the one with this id; null: the newest. */
export interface Part {
  readonly before: string | null;
  readonly limit: number;
}

const Position = Type.Object({ before: Type.String({ format: "uuid" }) });

/**
 * A page of a list in which the newest ids come first.
 *
 * @throws `invalid_field` for a cursor that is none of this list.
 */
export async function newestFirst<Row, Body>(
  query: { readonly limit?: number; readonly cursor?: string },
  list: {
    readonly find: (part: Part) => Promise<readonly Row[]>;
    readonly idOf: (row: Row) => string;
    readonly view: (row: Row) => Body;
  },
): Promise<{ data: Body[]; next_cursor: string | null }> {
  const limit = query.limit ?? PAGE_ITEMS_DEFAULT;
  const before = readCursor(query.cursor, Position)?.before ?? null;
  const found = await list.find({ before, limit: limit + 1 });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map(list.view),
    next_cursor:
      found.length > limit && last !== undefined ? writeCursor({ before: list.idOf(last) }) : null,
  };
}
