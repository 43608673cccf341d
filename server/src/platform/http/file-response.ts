import { Type } from "typebox";
import { foldText } from "../text.ts";

/** A response that is a file: its type, and what OpenAPI says of it. */
export function fileResponse(type: string, description: string) {
  return {
    description,
    content: { [type]: { schema: Type.String({ contentMediaType: type }) } },
  };
}

const STEM_LENGTH_MAX = 60;

/**
 * What a browser is to do with a file, and a name to keep it by: `Noc v muzeu!` and `ticket.pdf` are
 * `noc-v-muzeu-ticket.pdf`. Where nothing of the first can be said in ASCII the second stands alone.
 */
export function disposition(
  as: "inline" | "attachment",
  { about, name }: { readonly about: string; readonly name: string },
): string {
  const stem = foldText(about)
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, STEM_LENGTH_MAX)
    .replaceAll(/^-+|-+$/g, "");
  return `${as}; filename="${stem === "" ? name : `${stem}-${name}`}"`;
}
