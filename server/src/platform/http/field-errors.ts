import type { ErrorObject } from "ajv";
import { pointerToken } from "./json-check.ts";
import { type FieldError, malformedId } from "./problem.ts";
import { idKindOfPattern } from "./schemas.ts";

/**
 * What a validator found, as wrong fields: one error a place and fault, with codes that stay.
 * Alternatives (`anyOf`) are told by the one that came nearest.
 */
export function fieldErrorsOf(errors: readonly ErrorObject[]): FieldError[] {
  const fields: FieldError[] = [];
  const seen = new Set<string>();
  for (const error of withoutAlternatives(errors)) {
    const field = fieldErrorOf(error);
    if (field === null || seen.has(`${field.path}\0${field.code}`)) continue;
    seen.add(`${field.path}\0${field.code}`);
    fields.push(field);
  }
  return fields;
}

/**
 * Drops, of each set of alternatives, the branches that failed for another type at the very place,
 * and the summary of the set when some branch came further than that.
 */
function withoutAlternatives(errors: readonly ErrorObject[]): ErrorObject[] {
  const kept: ErrorObject[] = [];
  for (const error of errors) {
    if (error.keyword !== "anyOf" && error.keyword !== "oneOf") {
      kept.push(error);
      continue;
    }
    // The errors of the branches stand right before the error of the set.
    let start = kept.length;
    while (start > 0 && kept[start - 1]?.instancePath.startsWith(error.instancePath)) start--;
    const branches = kept.splice(start);
    const nearest = nearestBranch(error, branches);
    if (nearest.length > 0) kept.push(...nearest);
    else kept.push(summary(error, branches));
  }
  return kept;
}

/**
 * What the nearest branch has against the value: the one that fits it as a whole, else the one with the
 * fewest names missing and unknown. Empty when every branch wants something of another type.
 */
function nearestBranch(set: ErrorObject, errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const inside = errors.filter(({ instancePath }) => instancePath !== set.instancePath);
  const byBranch = new Map<unknown, ErrorObject[]>();
  for (const error of errors) {
    if (error.instancePath !== set.instancePath) continue;
    const branch = byBranch.get(error.parentSchema) ?? [];
    byBranch.set(error.parentSchema, [...branch, error]);
  }
  // A branch without errors of its own fits as a whole: the fault is further inside.
  const fits = Array.isArray(set.schema) && byBranch.size < set.schema.length;
  if (fits && inside.length > 0) return inside;
  const [nearest = []] = [...byBranch.values()]
    .filter((branch) => !branch.some(({ keyword }) => OTHER_KIND.includes(keyword)))
    .sort((a, b) => a.length - b.length);
  return [...nearest, ...inside];
}

/** What says that a branch is about something else altogether. */
const OTHER_KIND = ["type", "const", "enum"];

function summary(error: ErrorObject, branches: readonly ErrorObject[]): ErrorObject {
  const words = branches.flatMap(({ keyword, params }) =>
    keyword === "const" ? [params["allowedValue"]] : (params["allowedValues"] ?? []),
  );
  if (words.length > 0) {
    return { ...error, keyword: "enum", params: { allowedValues: words } };
  }
  const type = branches.flatMap(({ params }) => params["type"] ?? []);
  return { ...error, keyword: "type", params: { type } };
}

function fieldErrorOf(error: ErrorObject): FieldError | null {
  const { keyword, instancePath, params } = error;
  const at = (code: string, message: string, name?: string): FieldError => ({
    path: name === undefined ? instancePath : `${instancePath}/${pointerToken(name)}`,
    code,
    message,
  });
  switch (keyword) {
    case "required":
      return at("required", "is required", params["missingProperty"]);
    case "additionalProperties":
    case "unevaluatedProperties":
      return at(
        "unknown_field",
        "is not a field here",
        params["additionalProperty"] ?? params["unevaluatedProperty"],
      );
    case "type":
      return at("wrong_type", `must be ${[params["type"]].flat().map(typeName).join(" or ")}`);
    case "enum":
      return at("not_allowed", `must be one of ${params["allowedValues"].join(", ")}`);
    case "const":
      return at("not_allowed", `must be ${params["allowedValue"]}`);
    case "pattern":
      return patternError(error);
    case "format":
      return at("bad_format", FORMAT_MESSAGES[params["format"]] ?? `must be a ${params["format"]}`);
    case "propertyNames":
      // The name's own error says more.
      return null;
    default:
      return limitError(error);
  }
}

function limitError({ keyword, instancePath: path, params }: ErrorObject): FieldError {
  const limit = params["limit"];
  switch (keyword) {
    case "minLength":
      return limit === 1
        ? { path, code: "too_short", message: "must not be empty" }
        : { path, code: "too_short", message: `must have at least ${limit} characters` };
    case "maxLength":
      return { path, code: "too_long", message: `must have at most ${limit} characters` };
    case "minimum":
    case "exclusiveMinimum":
      return { path, code: "too_small", message: `must be ${params["comparison"]} ${limit}` };
    case "maximum":
    case "exclusiveMaximum":
      return { path, code: "too_large", message: `must be ${params["comparison"]} ${limit}` };
    case "minItems":
    case "minProperties":
      return { path, code: "too_few", message: `must have at least ${limit} entries` };
    case "maxItems":
    case "maxProperties":
      return { path, code: "too_many", message: `must have at most ${limit} entries` };
    case "uniqueItems":
      return { path, code: "not_unique", message: "must not hold the same entry twice" };
    default:
      return { path, code: "not_allowed", message: "is not allowed" };
  }
}

function patternError({ instancePath, params, propertyName }: ErrorObject): FieldError {
  const path =
    propertyName === undefined ? instancePath : `${instancePath}/${pointerToken(propertyName)}`;
  const kind = idKindOfPattern(params["pattern"]);
  if (kind !== undefined) {
    return { path, code: malformedId.code, message: `must be an id that starts with ${kind}_` };
  }
  const message =
    params["pattern"] === "\\S" ? "must not be blank" : `must match ${params["pattern"]}`;
  return { path, code: "bad_format", message };
}

function typeName(type: string): string {
  switch (type) {
    case "integer":
      return "a whole number";
    case "array":
      return "a list";
    case "object":
      return "an object";
    case "null":
      return "null";
    case "boolean":
      return "true or false";
    default:
      return `a ${type}`;
  }
}

const FORMAT_MESSAGES: Record<string, string> = {
  line: "must be one line of text",
  "filled-line": "must be one line of text that is not blank",
  "filled-text": "must not be blank",
  email: "must be an e-mail address",
  "date-time": "must be a time as RFC 3339 writes it, such as 2027-06-15T17:00:00Z",
  uri: "must be an address such as https://example.org/",
};
