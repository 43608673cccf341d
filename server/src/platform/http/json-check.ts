import { type FieldError, invalidField, malformedRequest, Problem } from "./problem.ts";

/** How deep arrays and objects may stand in each other. */
export const JSON_DEPTH_MAX = 32;
/** How many wrong fields one answer lists. */
export const FIELD_ERRORS_MAX = 20;

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const DELETE = 0x7f;
/** First byte of U+0080 to U+00BF in UTF-8: the second control block is in there. */
const LATIN_1 = 0xc2;

export interface JsonScan {
  /** How many `name: value` members the text has, repeated names included. */
  readonly members: number;
  /** Whether some string may hold what is not text: only then are the strings looked at. */
  readonly suspicious: boolean;
}

/**
 * One pass over the bytes before they are parsed. Says nothing of their grammar.
 *
 * @throws `malformed_request` when the nesting is too deep.
 */
export function scanJson(body: Buffer): JsonScan {
  let depth = 0;
  let members = 0;
  let suspicious = false;
  for (let index = 0; index < body.length; index++) {
    switch (body[index]) {
      case QUOTE:
        for (index++; index < body.length && body[index] !== QUOTE; index++) {
          const byte = body[index] as number;
          if (byte === BACKSLASH) index++;
          if (byte === BACKSLASH || byte === DELETE || byte === LATIN_1) suspicious = true;
        }
        break;
      case COLON:
        members++;
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth++;
        if (depth > JSON_DEPTH_MAX) throw tooDeep();
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--;
        break;
    }
  }
  return { members, suspicious };
}

/**
 * Compares what was parsed with what the scan saw.
 *
 * @throws `malformed_request` when a name stands twice in an object, or is `__proto__`.
 * @throws `invalid_field` when a string holds control characters or half of a character.
 */
export function checkParsed(value: unknown, { members, suspicious }: JsonScan): void {
  if (countMembers(value) !== members) {
    throw new Problem(malformedRequest, "A name stands twice in an object of the body.");
  }
  if (!suspicious) return;
  const errors: FieldError[] = [];
  collectNonText(value, "", errors);
  if (errors.length > 0) {
    throw new Problem(invalidField, "Some strings hold characters that are not text.", { errors });
  }
}

function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) count += countMembers(value[index]);
    return count;
  }
  const object = value as Record<string, unknown>;
  for (const name in object) {
    if (name === "__proto__") {
      throw new Problem(malformedRequest, "The name __proto__ cannot be used.");
    }
    count += 1 + countMembers(object[name]);
  }
  return count;
}

function collectNonText(value: unknown, path: string, errors: FieldError[]): void {
  if (errors.length >= FIELD_ERRORS_MAX) return;
  if (typeof value === "string") {
    if (!isText(value)) errors.push(notText(path));
  } else if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      if (isText(name)) collectNonText(inner, `${path}/${pointerToken(name)}`, errors);
      else errors.push(notText(path));
    }
  }
}

/** Whole characters, and no control characters but line feed and tab. */
function isText(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return value.isWellFormed() && !/[\0-\x08\x0b-\x1f\x7f-\x9f]/.test(value);
}

/** One step of a JSON Pointer (RFC 6901), cut where a name is absurdly long. */
export function pointerToken(name: string): string {
  return name.slice(0, 100).toWellFormed().replaceAll("~", "~0").replaceAll("/", "~1");
}

function notText(path: string): FieldError {
  return {
    path,
    code: "not_text",
    message: "must be text: no control characters, no half of a character",
  };
}

function tooDeep(): Problem {
  return new Problem(malformedRequest, `The body is nested deeper than ${JSON_DEPTH_MAX} levels.`);
}
