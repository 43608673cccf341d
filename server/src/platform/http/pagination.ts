import { type Static, type TSchema, Type } from "typebox";
import { Check } from "typebox/value";
import type { Id, IdKind } from "../id.ts";
import { invalidField, Problem } from "./problem.ts";

export const PAGE_ITEMS_MAX = 100;
export const PAGE_ITEMS_DEFAULT = 25;
/** Longer than any cursor this server writes. */
const CURSOR_LENGTH_MAX = 500;

/** The members of a list's query that page through it: `Type.Object({ ...PageQuery, … })`. */
export const PageQuery = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: PAGE_ITEMS_MAX, default: PAGE_ITEMS_DEFAULT }),
  ),
  cursor: Type.Optional(
    Type.String({
      maxLength: CURSOR_LENGTH_MAX,
      description: "`next_cursor` of the page before. Opaque: it may change its form.",
    }),
  ),
};

/** Which part of a list in the order of its ids is read: so many of those after this one; null: from its start. */
export interface Part<Kind extends IdKind> {
  readonly after: Id<Kind> | null;
  readonly limit: number;
}

const PositionById = Type.Object({ after: Type.String({ format: "uuid" }) });

/**
 * A page of a list in the order of its ids, whichever end comes first.
 *
 * @throws `invalid_field` for a cursor that is none of such a list.
 */
export async function pageById<Kind extends IdKind, Row, Body>(
  query: { readonly limit?: number; readonly cursor?: string },
  list: {
    readonly find: (part: Part<Kind>) => Promise<readonly Row[]>;
    readonly idOf: (row: Row) => Id<Kind>;
    readonly view: (row: Row) => Body;
  },
): Promise<{ data: Body[]; next_cursor: string | null }> {
  const limit = query.limit ?? PAGE_ITEMS_DEFAULT;
  const after = (readCursor(query.cursor, PositionById)?.after ?? null) as Id<Kind> | null;
  const found = await list.find({ after, limit: limit + 1 });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map(list.view),
    next_cursor:
      found.length > limit && last !== undefined ? writeCursor({ after: list.idOf(last) }) : null,
  };
}

/** Where the next page begins, as text that clients hand back and do not look into. */
export function writeCursor(position: object): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

/**
 * The position in a cursor, or null when there is none. It comes from outside: it has the shape
 * of the schema, and its values are no more to be trusted than any parameter.
 *
 * @throws `invalid_field` when it is not a cursor of this list.
 */
export function readCursor<Schema extends TSchema>(
  cursor: string | undefined,
  schema: Schema,
  path = "/cursor",
): Static<Schema> | null {
  if (cursor === undefined) return null;
  const position = parse(cursor);
  if (Check(schema, position)) return position as Static<Schema>;
  throw new Problem(invalidField, "This cursor is not one of this list.", {
    errors: [{ path, code: "bad_format", message: "must be as the answer before gave it" }],
  });
}

function parse(cursor: string): unknown {
  if (cursor.length > CURSOR_LENGTH_MAX || !/^[A-Za-z0-9_-]+$/.test(cursor)) return undefined;
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
