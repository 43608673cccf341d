import { isForTests, isGenerated, isScript, isTidy, occurrences, type Rule } from "./repository.ts";

interface BannedWord {
  readonly pattern: RegExp;
  readonly instead: string;
  readonly where: (file: string) => boolean;
}

const inServer = (file: string) => file.startsWith("server/src/") && isScript(file);
const inProduct = (file: string) => /^(?:server|sdk|web)\/src\//.test(file) && isScript(file);
const inProduction = (file: string) => inProduct(file) && !isForTests(file);

const BANNED: readonly BannedWord[] = [
  {
    pattern: /\bDate\.now\(|\bnew Date\(\)/,
    instead: "take the Clock",
    where: (file) => inServer(file) && !isForTests(file) && file !== "server/src/platform/clock.ts",
  },
  {
    pattern: /\bnew Date\(./,
    instead: "instants are EpochMs; platform/time.ts turns them into text and back",
    where: (file) =>
      inServer(file) &&
      !isForTests(file) &&
      !/^server\/src\/platform\/(?:clock|time)\.ts$/.test(file),
  },
  {
    pattern: /\bMath\.random\(/,
    instead: "use newId, node:crypto, or the seeded generator of the test",
    where: (file) => /^(?:server|bench)\//.test(file) && isScript(file),
  },
  {
    pattern: /\bprocess\.env\b/,
    instead: "read configuration in config.ts",
    where: (file) =>
      inServer(file) && !isForTests(file) && !/^server\/src\/(?:config|main)\.ts$/.test(file),
  },
  {
    pattern: /\bNODE_ENV\b/,
    instead: "give what differs a variable of its own in config.ts",
    where: (file) => inProduct(file) || file.startsWith("scripts/"),
  },
  {
    pattern: /\bconsole\./,
    instead: "use the logger; in the browser, show it",
    where: (file) => inProduction(file) && file !== "server/src/main.ts",
  },
  {
    pattern: /\bdangerouslySetInnerHTML\b|\.innerHTML\b/,
    instead: "let React write text",
    where: (file) => file.startsWith("web/src/"),
  },
  {
    pattern: /\bas any\b|[:<,(|]\s*any\b(?!\s*\()|\bany\[\]/,
    instead: "give it a type",
    where: isScript,
  },
];

const words: Rule = {
  name: "no banned words: each has a replacement",
  check: ({ files }) =>
    [...files].flatMap(([file, text]) =>
      isTidy(file) || isGenerated(file)
        ? []
        : BANNED.filter(({ where }) => where(file)).flatMap(({ pattern, instead }) =>
            occurrences(file, text, pattern).map(
              (place) => `${place}: ${pattern.source}: ${instead}`,
            ),
          ),
    ),
};

// Never: cart, purchase, booking, and order as a noun. Sorting and the order of locks are another word.
const FOREIGN =
  /\b(?:shopping|add_?to_?)?carts?(?:s|id|item|items|line|lines)?\b|purchas(?:e|ing)|\bbook(?:s|ed|ing|ings)\b|booking|\b(?:create|place|cancel|find|get|pay)_?orders?\b|\borders?_?(?:id|ids|item|items|line|lines|number|state|status|total)\b|\/orders\b|\b(?:your|place an|new|paid|unpaid|customer'?s) order\b/i;

const domain: Rule = {
  name: "one word, one meaning: no cart, purchase, booking or order outside the dialects",
  check: ({ files }) =>
    [...files].flatMap(([file, text]) => {
      const isInScope = /^(?:server|sdk|web)\/|^docs\/(?:problems|concepts)\//.test(file);
      if (!isInScope || isTidy(file) || /dialect/.test(file)) return [];
      // The whole text, comments too: they teach the reader the words. A name in camelCase is several words.
      return text.split("\n").flatMap((line, index) => {
        const found = FOREIGN.exec(line.replace(/([a-z])([A-Z])/g, "$1_$2"));
        return found === null
          ? []
          : [`${file}:${index + 1}: '${found[0]}': say reservation, hold or payment`];
      });
    }),
};

const unfinished: Rule = {
  name: "what is left to do has the number of its issue",
  check: ({ files }) =>
    [...files].flatMap(([file, text]) =>
      isTidy(file)
        ? []
        : lines(file, text, /\b(?:TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))|@todo(?! #\d+)/).map(
            (place) => `${place}: write TODO(#12) or @todo #12, or do it`,
          ),
    ),
};

const silenced: Rule = {
  name: "a check is switched off only with its reason beside it",
  check: ({ files }) =>
    [...files].flatMap(([file, text]) =>
      isTidy(file) || !isScript(file)
        ? []
        : lines(
            file,
            text,
            /@ts-(?:ignore|nocheck)|@ts-expect-error\s*$|biome-ignore [\w/]+:?\s*$|biome-ignore-all/,
          ).map((place) => `${place}: use @ts-expect-error or biome-ignore, with a reason`),
    ),
};

/** Where a pattern occurs in a text, comments included. */
function lines(file: string, text: string, pattern: RegExp): string[] {
  return text
    .split("\n")
    .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : []));
}

export const WORD_RULES: readonly Rule[] = [words, domain, unfinished, silenced];
