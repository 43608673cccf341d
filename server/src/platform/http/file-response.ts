import { Type } from "typebox";

/** A response that is a file: its type, and what OpenAPI says of it. */
export function fileResponse(type: string, description: string) {
  return {
    description,
    content: { [type]: { schema: Type.String({ contentMediaType: type }) } },
  };
}
