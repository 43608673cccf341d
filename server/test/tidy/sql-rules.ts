import { posix } from "node:path";
import { moduleOf, occurrences, type Rule } from "./repository.ts";
import { withoutComments } from "./scan.ts";

const FUNCTION_FILE = /^server\/src\/(?:.+\/)?sql\/[^/]+\.sql$/;
const MIGRATION = /^server\/migrations\//;
const CREATES = /\bcreate\s+(?:or\s+replace\s+)?(?:function|procedure|view)\s+([a-z_.]+)/gi;
/** A library's tables are as the library prints them. */
const NOT_OURS_FROM_HERE = /^-- From here on it is [\w-]+'s own text\b/m;
const HEADINGS = ["In", "Out", "Cost", "Source"];

const functionFiles: Rule = {
  name: "a function file creates the one function it is named after, in its owner's schema",
  check: ({ files }) =>
    [...files].flatMap(([file, text]) => {
      if (!FUNCTION_FILE.test(file)) return [];
      const code = withoutComments(file, text);
      const wanted = wantedName(file);
      const created = [...code.matchAll(CREATES)].map((match) => match[1]);
      const isReplacing = /^\s*create\s+or\s+replace\b/i.test(code);
      if (created.length !== 1 || created[0] !== wanted || !isReplacing) {
        return [
          `${file}: is to hold exactly 'create or replace function ${wanted}', holds ${created.join(", ") || "none"}`,
        ];
      }
      return [];
    }),
};

const headers: Rule = {
  name: `a function's header says what it does, then ${HEADINGS.join(", ")}`,
  check: ({ files }) =>
    [...files].flatMap(([file, text]) => {
      if (!FUNCTION_FILE.test(file)) return [];
      const header = /^(?:--[^\n]*\n)*/.exec(text)?.[0] ?? "";
      const missing = HEADINGS.filter((word) => !new RegExp(`^-- ${word}\\b`, "m").test(header));
      return [
        ...(header.startsWith(`-- ${wantedName(file)}: `)
          ? []
          : [`${file}: begin with '-- ${wantedName(file)}: what it does'`]),
        ...missing.map((word) => `${file}: the header has no '-- ${word}'`),
      ];
    }),
};

const used: Rule = {
  name: "every function in the database is called by something",
  check: ({ files }) => {
    const wanted = [...files.keys()].filter((file) => FUNCTION_FILE.test(file));
    const code = [...files]
      .filter(([file]) => /\.(?:ts|sql)$/.test(file) && file !== "server/schema.sql")
      .map(([file, text]) => ({ file, code: withoutComments(file, text) }));
    return wanted
      .filter((file) => {
        const name = new RegExp(`\\b${wantedName(file).replace(".", "\\.")}\\b`);
        return !code.some((other) => other.file !== file && name.test(other.code));
      })
      .map((file) => `${file}: nothing calls ${wantedName(file)}`);
  },
};

const numbering: Rule = {
  name: "migrations are numbered without gaps and say why they are there",
  check: ({ files }) =>
    [...files]
      .filter(([file]) => MIGRATION.test(file))
      .flatMap(([file, text], index) => {
        const number = String(index + 1).padStart(4, "0");
        const isNumbered = new RegExp(`/${number}_[a-z0-9_]+\\.sql$`).test(file);
        return [
          ...(isNumbered ? [] : [`${file}: is to be named ${number}_what_it_does.sql`]),
          ...(text.startsWith("-- ") ? [] : [`${file}: begin with a comment that says why`]),
        ];
      }),
};

const tablesOnly: Rule = {
  name: "a migration makes tables; functions are source and stand in files of their own",
  check: ({ files }) =>
    [...files].flatMap(([file, text]) =>
      MIGRATION.test(file)
        ? occurrences(
            file,
            oursOf(text),
            /\bcreate\s+(?:or\s+replace\s+)?(?:function|procedure|view)\b/i,
          ).map((place) => `${place}: put it into the sql/ folder of its owner`)
        : [],
    ),
};

const constraints: Rule = {
  name: "every constraint has a name that says what it holds",
  check: ({ files }) =>
    [...files].flatMap(([file, text]) => {
      if (!MIGRATION.test(file)) return [];
      return withoutComments(file, oursOf(text))
        .split(";")
        .filter((statement) => /^\s*(?:create|alter)\s+table\b/i.test(statement))
        .flatMap(topLevelParts)
        .filter((part) => /\b(?:primary\s+key|unique|check|references|exclude)\b/i.test(part))
        .filter((part) => !/\bconstraint\s+[a-z_]+/i.test(part))
        .map((part) => `${file}: no name: '${part.trim().replace(/\s+/g, " ")}'`);
    }),
};

/**
 * The parts of a statement: those that the outermost parenthesis of `create table` lists, or the
 * actions of `alter table`.
 */
function topLevelParts(statement: string): string[] {
  const listDepth = /^\s*create\b/i.test(statement) ? 1 : 0;
  const parts: string[] = [""];
  let depth = 0;
  for (const character of statement) {
    if (character === ")") depth--;
    const begins = character === "," || (character === "(" && depth < listDepth);
    if (begins && depth <= listDepth) parts.push("");
    else parts.push((parts.pop() ?? "") + character);
    if (character === "(") depth++;
  }
  return parts;
}

const clock: Rule = {
  name: "the database dates by clock_timestamp() and the clock's shift, never by now()",
  check: ({ files }) =>
    [...files].flatMap(([file, text]) =>
      FUNCTION_FILE.test(file) || MIGRATION.test(file)
        ? occurrences(
            file,
            oursOf(text),
            /(?<![\w.])now\(\)|\bcurrent_(?:timestamp|date|time)\b|\blocaltime/i,
          ).map(
            (place) =>
              `${place}: now() is the start of the transaction, old after a wait; use clock_timestamp()`,
          )
        : [],
    ),
};

function oursOf(text: string): string {
  return text.split(NOT_OURS_FROM_HERE, 1)[0] ?? text;
}

function wantedName(file: string): string {
  return `${moduleOf(file) ?? "platform"}.${posix.basename(file, ".sql")}`;
}

export const SQL_RULES: readonly Rule[] = [
  functionFiles,
  headers,
  used,
  numbering,
  tablesOnly,
  constraints,
  clock,
];
