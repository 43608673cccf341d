import { type Id, type IdKind, parseId } from "../id.ts";
import { malformedId, Problem } from "./problem.ts";

/**
 * The id in a path, a query or a checked body.
 *
 * @throws `malformed_id` when the text is no id of this kind.
 */
export function idParam<Kind extends IdKind>(kind: Kind, text: string): Id<Kind> {
  const id = parseId(kind, text);
  if (id === null)
    throw new Problem(malformedId, `An id that starts with ${kind}_ is needed here.`);
  return id;
}
