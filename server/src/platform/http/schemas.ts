import { type Static, type TSchema, Type } from "typebox";
import { type IdKind, idPattern } from "../id.ts";

const components = new Map<string, TSchema>();

/**
 * A schema with a name of its own in the OpenAPI document, referred to wherever it is used and
 * still typed there. Each name is declared in exactly one place.
 */
export function component<Schema extends TSchema>(id: string, schema: Schema) {
  if (components.has(id)) throw new Error(`the schema ${id} is declared twice`);
  components.set(id, Object.assign({ $id: id }, schema) as TSchema);
  return Type.Unsafe<Static<Schema>>(Type.Ref(id));
}

/** All named schemas declared so far, each with its name as `$id`. */
export function declaredComponents(): readonly TSchema[] {
  return [...components.values()];
}

/** The same or `null`. */
export function Nullable<Schema extends TSchema>(schema: Schema) {
  const plain = schema as { type?: unknown; enum?: unknown; const?: unknown };
  if (typeof plain.type === "string" && plain.enum === undefined && plain.const === undefined) {
    // One type list and no `anyOf`: a null costs the validator nothing and errors stay plain.
    return Type.Unsafe<Static<Schema> | null>({ ...schema, type: [plain.type, "null"] });
  }
  return Type.Unsafe<Static<Schema> | null>(Type.Union([schema, Type.Null()]));
}

/** One of these words. */
export function OneOf<const Word extends string>(words: readonly Word[], options: object = {}) {
  return Type.Unsafe<Word>({ type: "string", enum: [...words], ...options });
}

const ID_EXAMPLE = "01h455vb4pex5vsknk084sn02q";
const KIND_OF_PATTERN = new Map<string, IdKind>();

/** An id on the wire: the kind's prefix and 26 characters. Handlers turn it by `idParam`. */
export function idSchema(kind: IdKind) {
  const pattern = idPattern(kind);
  KIND_OF_PATTERN.set(pattern, kind);
  return Type.String({ pattern, examples: [`${kind}_${ID_EXAMPLE}`] });
}

/** The kind of id a schema's pattern stands for, or undefined when it is no id's. */
export function idKindOfPattern(pattern: string): IdKind | undefined {
  return KIND_OF_PATTERN.get(pattern);
}

/** An instant, RFC 3339 in UTC. */
export const Rfc3339 = Type.String({
  format: "date-time",
  description: "RFC 3339, in UTC.",
  examples: ["2027-06-15T17:00:00Z"],
});

/** The largest amount that JSON numbers carry exactly. */
export const AMOUNT_MINOR_MAX = Number.MAX_SAFE_INTEGER;

export const MoneySchema = component(
  "Money",
  Type.Object(
    {
      amount_minor: Type.Integer({
        minimum: 0,
        maximum: AMOUNT_MINOR_MAX,
        description: "In the smallest unit of the currency: cents, yen, fils.",
      }),
      currency: Type.String({ pattern: "^[A-Z]{3}$", description: "ISO 4217." }),
    },
    { additionalProperties: false, examples: [{ amount_minor: 4500, currency: "EUR" }] },
  ),
);

/** BCP 47: a language with its script, region and variants, without private use. */
export const LANGUAGE_PATTERN = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$";

/** A language tag as visitors and organizers give it. */
export const Language = Type.String({
  pattern: LANGUAGE_PATTERN,
  maxLength: 35,
  examples: ["en", "de-AT"],
});

/** How many languages one text may be given in. */
export const LANGUAGES_MAX = 50;

/** A text that visitors read: a string in the default language, or one string per language. */
export type LocalizedText = string | Record<string, string>;

/**
 * A text that visitors read, as it is given: a string (in the default language) or a map of
 * BCP 47 language to string. Never empty, never blank; whether it may have more than one line is for
 * the operation to say.
 */
export function LocalizedTextInput({ lengthMax }: { lengthMax: number }) {
  const text = { minLength: 1, maxLength: lengthMax, "x-multiline": true };
  return Type.Unsafe<LocalizedText>({
    type: ["string", "object"],
    description: "A string in the default language, or a map of BCP 47 language to string.",
    examples: ["Night at the museum", { en: "Night at the museum", cs: "Noc v muzeu" }],
    ...text,
    minProperties: 1,
    maxProperties: LANGUAGES_MAX,
    propertyNames: { pattern: LANGUAGE_PATTERN, maxLength: 35 },
    additionalProperties: { type: "string", ...text },
  });
}

/** A text that visitors read, as it is answered: always one string per language. */
export const LocalizedTextView = component(
  "LocalizedText",
  Type.Unsafe<Record<string, string>>({
    type: "object",
    description: "One string per language.",
    additionalProperties: { type: "string" },
    examples: [{ en: "Night at the museum", cs: "Noc v muzeu" }],
  }),
);

export const ProblemSchema = component(
  "Problem",
  Type.Object(
    {
      type: Type.String({ format: "uri", description: "The page that explains this problem." }),
      title: Type.String(),
      status: Type.Integer(),
      detail: Type.String({ description: "What happened this time, for a person." }),
      instance: Type.String({ description: "The id of the request, as in `X-Request-Id`." }),
      code: Type.String({ description: "The same for ever; what programs decide by." }),
      errors: Type.Optional(
        Type.Array(
          Type.Object({
            path: Type.String({ description: "JSON Pointer into the body, or `/` and the name." }),
            code: Type.String(),
            message: Type.String(),
          }),
        ),
      ),
      reasons: Type.Optional(
        Type.Array(
          Type.Object(
            { code: Type.String(), message: Type.String() },
            { additionalProperties: true },
          ),
        ),
      ),
    },
    { additionalProperties: true, description: "A refusal or a failure (RFC 9457)." },
  ),
);

/** A page of a list, newest cursor last. `next_cursor` is null on the last page. */
export function page<Schema extends TSchema>(of: Schema) {
  return Type.Object({
    data: Type.Array(of),
    next_cursor: Nullable(
      Type.String({ description: "Give it as `cursor` to get the next page." }),
    ),
  });
}

/** The response of a route that tags what it answers. */
export const NotModified = Type.Null({ description: "The reader has this answer already." });

/** The responses of a route that are problems: `...problems(404, 409)`. */
export function problems(...statuses: readonly number[]): Record<number, ProblemResponse> {
  return Object.fromEntries(statuses.map((status) => [status, problemResponse]));
}

const problemResponse = {
  description: "Refused",
  content: { "application/problem+json": { schema: ProblemSchema } },
};
type ProblemResponse = typeof problemResponse;
