import { posix } from "node:path";
import { reachableFrom } from "./imports.ts";
import {
  isForTests,
  isGenerated,
  isScript,
  isTidy,
  occurrences,
  type Repository,
  type Rule,
} from "./repository.ts";

const LINES_MAX = 400;

const size: Rule = {
  name: `a file has at most ${LINES_MAX} lines`,
  check: ({ files }) =>
    [...files]
      .filter(([file]) => (isScript(file) || file.endsWith(".sql")) && !isGenerated(file))
      .filter(([, text]) => text.trimEnd().split("\n").length > LINES_MAX)
      .map(([file]) => `${file}: more than ${LINES_MAX} lines; split it by operation`),
};

const VAGUE =
  /(?:^|\/)(?:types|constants|common|misc|models|shared)(?:\.|\/)|(?:^|[/-])(?:helpers?|utils?|services?|controllers?)(?:\.|\/)/;

const names: Rule = {
  name: "a file is named after what it holds, in the spelling of its kind",
  check: ({ files }) =>
    [...files.keys()].flatMap((file) => {
      const name = posix.basename(file);
      if (isScript(file) && VAGUE.test(file)) {
        return [`${file}: name it after the operation or the noun it holds`];
      }
      const spelling = SPELLINGS.find(({ kind }) => kind.test(file));
      return spelling === undefined || spelling.isRight.test(name)
        ? []
        : [`${file}: is to be spelled ${spelling.say}`];
    }),
};

const SPELLINGS = [
  {
    kind: /\.tsx$/,
    isRight: /^(?:[A-Z][A-Za-z]*|main|routes)(?:\.test)?\.tsx$/,
    say: "PascalCase.tsx",
  },
  {
    kind: /\.(?:ts|mjs)$/,
    isRight: /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test|\.config|\.d)?\.(?:ts|mjs)$/,
    say: "kebab-case",
  },
  { kind: /\.sql$/, isRight: /^[a-z0-9]+(?:_[a-z0-9]+)*\.sql$/, say: "snake_case.sql" },
  {
    kind: /^docs\/.*\.md$/,
    isRight: /^(?:README|[a-z0-9.]+(?:-[a-z0-9.]+)*)\.md$/,
    say: "kebab-case.md",
  },
];

/** Where the outside world comes in: commands, the build, the packages' faces. */
const ENTRY =
  /^(?:(?:\w+\/)?package\.json|Dockerfile|\.ci\/run|web\/(?:vite\.config\.ts|src\/main\.tsx)|sdk\/src\/index\.ts|sdk\/examples\/.+\.ts|bench\/[^/]+\.ts)$/;

const dead: Rule = {
  name: "every script is reached from a command, and what only tests reach is for tests",
  check: ({ files }) => {
    const scripts = [...files.keys()].filter(isScript);
    const running = reachableFrom(
      [...files.keys()].filter((file) => ENTRY.test(file)),
      files,
      namedIn(files),
    );
    const tested = reachableFrom(
      scripts.filter((file) => /\.test\.tsx?$/.test(file)),
      files,
      namedIn(files),
    );
    return scripts.flatMap((file) => {
      if (running.has(file)) return [];
      if (!tested.has(file)) return [`${file}: nothing uses it; delete it`];
      const isProduct = /^(?:server|sdk|web)\/src\//.test(file) && !isForTests(file);
      return isProduct ? [`${file}: only tests use it; delete it, or wire it up`] : [];
    });
  },
};

/** A file is also reached when another one names its whole path, as package.json and the scripts do. */
function namedIn(files: ReadonlyMap<string, string>) {
  return (file: string, text: string) =>
    (isTidy(file) ? [] : (text.match(/[\w./-]+\.(?:ts|mjs)\b/g) ?? []))
      .map((path) => path.replace(/^\.\//, ""))
      .filter((path) => files.has(path));
}

const exports: Rule = {
  name: "exports have names",
  check: ({ files }) =>
    [...files]
      // Vite takes its configuration only as a default export.
      .filter(([file]) => isScript(file) && file !== "web/vite.config.ts" && !isTidy(file))
      .flatMap(([file, text]) =>
        occurrences(file, text, /^\s*export default\b|\bas default\b/).map(
          (place) => `${place}: name it`,
        ),
      ),
};

const MACHINE_PATH =
  /(?:^|[\s"'`(=:])\/(?:work|root|Users)\/|(?:^|[\s"'`(=:])\/home\/(?!node\b)|[A-Z]:\\Users\\/;

const machines: Rule = {
  name: "nothing names a path of one machine or a folder beside the repository",
  check: ({ files }) =>
    [...files].flatMap(([file, text]) =>
      isTidy(file)
        ? []
        : text.split("\n").flatMap((line, index) => {
            if (MACHINE_PATH.test(line)) return [`${file}:${index + 1}: a path of one machine`];
            const isOutside = /\.\.\/shared\b|\.library\b/.test(line);
            return isOutside
              ? [`${file}:${index + 1}: a folder that is not in the repository`]
              : [];
          }),
    ),
};

const LINK = /\]\((?!https?:|mailto:|#|\/)([^)#\s]+)(?:#[^)]*)?\)/g;
const MENTION = /\b(?:docs|server|sdk|web|bench|scripts)\/[\w./-]+\.(?:md|ts|mjs|sql|json)\b/g;

const links: Rule = {
  name: "a document or a comment that names a file names one that is there",
  check: (repository) =>
    [...repository.files].flatMap(([file, text]) => {
      if (isTidy(file) || isGenerated(file) || file.endsWith(".json")) return [];
      const linked = file.endsWith(".md")
        ? [...text.matchAll(LINK)].map((match) => posix.join(posix.dirname(file), match[1] ?? ""))
        : [];
      const mentioned = (text.match(MENTION) ?? []).filter(() => !isForTests(file));
      return [...new Set([...linked, ...mentioned])]
        .filter((path) => !exists(repository, path))
        .map((path) => `${file}: there is no ${path}`);
    }),
};

/** Files that come into being by a build, a start or a measurement. */
const MADE = /^(?:web\/dist|data|docs\/performance\/results)\b/;

function exists({ files }: Repository, path: string): boolean {
  const folder = path.replace(/\/$/, "");
  if (files.has(folder) || MADE.test(path) || !/\.[a-z]+$/.test(path)) return true;
  return [...files.keys()].some((file) => file.startsWith(`${folder}/`));
}

export const FILE_RULES: readonly Rule[] = [size, names, dead, exports, machines, links];
