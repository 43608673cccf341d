import { Ajv, type AnySchemaObject, type ErrorObject, type Options } from "ajv";
import { fullFormats } from "ajv-formats/dist/formats.js";
import { IsOptional } from "typebox";
import { fieldErrorsOf } from "./field-errors.ts";
import { FIELD_ERRORS_MAX } from "./json-check.ts";
import { once } from "./once.ts";
import { invalidField, malformedId, Problem } from "./problem.ts";

/** Bodies above this size are told of their first wrong field only: listing all costs time. */
const ALL_ERRORS_BYTES_MAX = 64 * 1024;

type Validate = (data: unknown) => true | { readonly error: Problem };

interface RouteSchema {
  readonly schema: unknown;
  readonly httpPart?: string;
}

/**
 * The validators of a server's routes. Bodies are taken exactly as sent: nothing is converted,
 * removed or filled in. Paths, queries and headers are text, so numbers in them are read.
 */
export function createValidatorCompiler(
  components: readonly object[],
): (route: RouteSchema) => Validate {
  const strict = validatorPair(components, {});
  const lenient = validatorPair(components, { coerceTypes: "array", useDefaults: true });
  return ({ schema, httpPart }) =>
    httpPart === "body"
      ? strict(schema as AnySchemaObject, "body")
      : lenient(schema as AnySchemaObject, httpPart ?? "querystring");
}

/**
 * A validator that stops at the first error, as good requests never see another, and one that
 * finds all, run only when the first has refused. Each is compiled for the first request that needs it.
 */
function validatorPair(components: readonly object[], options: Options) {
  const fast = once(() => newAjv(components, { ...options, allErrors: false }));
  const thorough = once(() => newAjv(components, { ...options, allErrors: true, verbose: true }));
  return (schema: AnySchemaObject, part: string): Validate => {
    const prepared = once(() => linesByDefault(schema) as AnySchemaObject);
    const quick = once(() => fast().compile(prepared()));
    const full = once(() => thorough().compile(prepared()));
    const mayBeLeftOut = IsOptional(schema);
    return (data) => {
      const isValid = quick();
      if (isValid(data)) return part === "body" ? true : onlyFinite(data, part);
      if (data === null && mayBeLeftOut) return true;
      let errors = isValid.errors ?? [];
      if (part !== "body" || JSON.stringify(data).length <= ALL_ERRORS_BYTES_MAX) {
        const findAll = full();
        if (!findAll(data)) errors = findAll.errors ?? [];
      }
      return { error: validationProblem(errors, part) };
    };
  };
}

/** Text such as `1e400` is read as a number that is none. */
function onlyFinite(data: unknown, part: string): ReturnType<Validate> {
  const wrong = Object.entries(data ?? {}).find(
    ([, value]) => typeof value === "number" && !Number.isFinite(value),
  );
  if (wrong === undefined) return true;
  const error = { instancePath: `/${wrong[0]}`, keyword: "type", params: { type: "number" } };
  return { error: validationProblem([{ ...error, schemaPath: "" }], part) };
}

function newAjv(components: readonly object[], options: Options): Ajv {
  const ajv = new Ajv({
    strict: true,
    allowUnionTypes: true,
    ownProperties: true,
    keywords: ["x-multiline", "example"],
    formats: { ...fullFormats, ...TEXT_FORMATS },
    ...options,
  });
  for (const component of components) ajv.addSchema(linesByDefault(component) as AnySchemaObject);
  return ajv;
}

const TEXT_FORMATS = {
  line: (text: string) => !/[\n\t]/.test(text),
  "filled-line": (text: string) => !/[\n\t]/.test(text) && /\S/.test(text),
  "filled-text": /\S/,
};

/**
 * A string is one line unless its schema says `x-multiline`, and not blank where it may not be
 * empty. (Other control characters never get past the body's parser.)
 */
function linesByDefault(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(linesByDefault);
  if (typeof schema !== "object" || schema === null) return schema;
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(schema)) {
    copy[name] = KEPT_AS_IS.has(name) ? value : linesByDefault(value);
  }
  const types = [copy["type"]].flat();
  const isFree = !["format", "pattern", "enum", "const"].some((name) => Object.hasOwn(copy, name));
  if (types.includes("string") && isFree) {
    const isFilled = typeof copy["minLength"] === "number" && copy["minLength"] > 0;
    const mayBreak = copy["x-multiline"] === true;
    if (isFilled) copy["format"] = mayBreak ? "filled-text" : "filled-line";
    else if (!mayBreak) copy["format"] = "line";
  }
  return copy;
}

const KEPT_AS_IS = new Set(["enum", "const", "examples", "default", "required", "description"]);

function validationProblem(errors: readonly ErrorObject[], part: string): Problem {
  const fields = fieldErrorsOf(errors).slice(0, FIELD_ERRORS_MAX);
  const [first] = fields;
  const place = part === "body" ? "" : ` in the ${part === "params" ? "path" : part}`;
  const detail =
    fields.length === 1 && first !== undefined
      ? `${first.path === "" ? "The body" : first.path}${place} ${first.message}.`
      : `${fields.length} fields${place} are wrong.`;
  const isId = fields.some(({ code }) => code === malformedId.code);
  return new Problem(isId ? malformedId : invalidField, detail, { errors: fields });
}
