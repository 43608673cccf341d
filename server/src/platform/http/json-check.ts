import { type FieldError, invalidField, malformedRequest, Problem } from "./problem.ts";

/** How deep arrays and objects may stand in each other. */
export const JSON_DEPTH_MAX = 32;
/** How many wrong fields one answer lists. */
export const FIELD_ERRORS_MAX = 20;

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** The text of a body, and what it was parsed to. */
export interface ParsedJson {
  readonly text: string;
  /** Only ASCII characters, so that no look at the others is needed. */
  readonly isAscii: boolean;
  readonly value: unknown;
  /** The places, as JSON Pointers with `*` for any index, where a string may hold whatever somebody read. */
  readonly anyTextAt?: readonly string[] | undefined;
}

/**
 * What `JSON.parse` lets through and this server does not. Made for the good case: searches that
 * run natively, one walk over the value, and a closer look only where there is something to see.
 *
 * @throws `malformed_request` when it is nested too deep, a name stands twice in an object, or a
 * name is `__proto__`.
 * @throws `invalid_field` when a string holds control characters or half of a character.
 */
export function checkJson({ text, isAscii, value, anyTextAt = [] }: ParsedJson): void {
  const members = countMembers(value, 0);
  // Each member has a colon. Strings may have some too: only then is it worth counting exactly.
  if (countOf(":", text) !== members && countColonsOutsideStrings(text) !== members) {
    throw new Problem(malformedRequest, "A name stands twice in an object of the body.");
  }
  if (!mayHoldNonText(text, isAscii)) return;
  const errors: FieldError[] = [];
  const isFree = (path: string) => anyTextAt.includes(path.replaceAll(/\/\d+(?=\/|$)/g, "/*"));
  collectNonText(value, "", { errors, isFree });
  if (errors.length > 0) {
    throw new Problem(invalidField, "Some strings hold characters that are not text.", { errors });
  }
}

/** Control characters and halves can only come as escapes, but for DEL and the second block. */
function mayHoldNonText(text: string, isAscii: boolean): boolean {
  if (text.includes("\\") || text.includes("\x7f")) return true;
  return !isAscii && /[\x80-\x9f]/.test(text);
}

function countOf(character: string, text: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) count++;
  return count;
}

function countColonsOutsideStrings(text: string): number {
  let count = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) inString = !inString;
    else if (code === BACKSLASH) index++;
    else if (code === COLON && !inString) count++;
  }
  return count;
}

function countMembers(value: unknown, depth: number): number {
  if (typeof value !== "object" || value === null) return 0;
  if (depth >= JSON_DEPTH_MAX) {
    throw new Problem(malformedRequest, `The body is nested deeper than ${JSON_DEPTH_MAX} levels.`);
  }
  let count = 0;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      count += countMembers(value[index], depth + 1);
    }
    return count;
  }
  const object = value as Record<string, unknown>;
  for (const name in object) {
    if (name === "__proto__") {
      throw new Problem(malformedRequest, "The name __proto__ cannot be used.");
    }
    count += 1 + countMembers(object[name], depth + 1);
  }
  return count;
}

interface Collecting {
  readonly errors: FieldError[];
  readonly isFree: (path: string) => boolean;
}

function collectNonText(value: unknown, path: string, collecting: Collecting): void {
  const { errors, isFree } = collecting;
  if (errors.length >= FIELD_ERRORS_MAX) return;
  if (typeof value === "string") {
    if (!isText(value) && !isFree(path)) errors.push(notText(path));
  } else if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      if (isText(name)) collectNonText(inner, `${path}/${pointerToken(name)}`, collecting);
      else errors.push(notText(path));
    }
  }
}

/** Whole characters, and no control characters but line feed and tab. */
function isText(value: string): boolean {
  return value.isWellFormed() && !/[^\P{Cc}\n\t]/u.test(value);
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
