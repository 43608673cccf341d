import { type Import, importsOf, resolveImport } from "./imports.ts";
import {
  isForTests,
  isGenerated,
  isScript,
  isTidy,
  moduleOf,
  type Repository,
  type Rule,
} from "./repository.ts";
import { stringsIn, withoutComments } from "./scan.ts";

const edges: Rule = {
  name: "a module is entered through its index.ts, and only along the edges of boundaries.ts",
  check: (repository) =>
    everyImport(repository, ({ file, target }) => {
      const to = moduleOf(target);
      const from = moduleOf(file);
      if (to === null || to === from) return null;
      const isPublic = target.endsWith(`/${to}/index.ts`);
      const isForTestsOfOthers = target.endsWith(`/${to}/testing.ts`) && isForTests(file);
      if (!isPublic && !isForTestsOfOthers) return `is private; use #modules/${to}/index.ts`;
      if (from !== null && !(repository.modules[from] ?? []).includes(to)) {
        return `${from} may not depend on ${to} (server/boundaries.ts)`;
      }
      const mayKnowModules =
        from !== null ||
        isForTests(file) ||
        /^(?:scripts|bench)\//.test(file) ||
        repository.compositionRoots.includes(file);
      return mayKnowModules ? null : "only app.ts knows the modules; take what you need from it";
    }),
};

const ground: Rule = {
  name: "platform, modules, tests, sdk and web each see only what stands below them",
  check: (repository) =>
    everyImport(repository, ({ file, target, specifier }) => {
      const from = areaOf(file);
      const to = areaOf(target);
      const allowed = BELOW[from];
      if (allowed === undefined || to === from || allowed.includes(to))
        return leaves(file, specifier);
      if (isForTests(file) && to === "tests") return null;
      return `${from} may not use ${to}`;
    }),
};

/** What an area may use besides itself. What is not listed may use everything. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  platform: [],
  modules: ["platform"],
  server: ["platform", "modules"],
  sdk: [],
  web: ["sdk"],
};

function areaOf(file: string): string {
  if (isForTests(file) && file.startsWith("server/test/")) return "tests";
  return /^server\/src\/(platform|modules)\//.exec(file)?.[1] ?? file.split("/")[0] ?? "";
}

/** Modules are found by name, not by way of dots: then moving a file is one change. */
function leaves(file: string, specifier: string): string | null {
  const from = moduleOf(file);
  if (from === null || !specifier.startsWith("../")) return null;
  const target = resolveImport(file, specifier) ?? "";
  return moduleOf(target) === from
    ? null
    : "leaves its module by dots; use #platform/ or #modules/";
}

const order: Rule = {
  name: "boundaries.ts lists every module once, from the ground up",
  check: ({ modules, files }) => {
    const names = Object.keys(modules);
    const folders = new Set([...files.keys()].map(moduleOf).filter((name) => name !== null));
    return [
      ...names.flatMap((name, index) =>
        (modules[name] ?? [])
          .filter((other) => !names.slice(0, index).includes(other))
          .map(
            (other) =>
              `server/boundaries.ts: ${name} uses ${other}, so ${other} must come before it`,
          ),
      ),
      ...[...folders]
        .filter((folder) => !names.includes(folder))
        .map((folder) => `server/src/modules/${folder}: not in server/boundaries.ts`),
      ...names
        .filter((name) => !folders.has(name))
        .map((name) => `server/boundaries.ts: there is no module ${name}`),
    ];
  },
};

const face: Rule = {
  name: "every module has an index.ts as its face and a README.md of its words",
  check: ({ modules, files }) =>
    Object.keys(modules).flatMap((name) =>
      ["index.ts", "README.md"]
        .map((file) => `server/src/modules/${name}/${file}`)
        .filter((file) => !files.has(file))
        .map((file) => `${file}: missing`),
    ),
};

const CREATED =
  /\bcreate\s+(?:or\s+replace\s+)?(?:unlogged\s+)?(?:table|view|materialized\s+view|function|procedure)\s+(?:if\s+not\s+exists\s+)?([a-z_]+\.[a-z_]+)/gi;

const ownership: Rule = {
  name: "only the module that owns a table or a function names it",
  check: ({ files, modules }) => {
    const owned = ownedNames(files);
    return [...files].flatMap(([file, text]) => {
      if (!file.startsWith("server/src/") || isForTests(file) || isGenerated(file)) return [];
      const own = moduleOf(file) ?? (file.startsWith("server/src/platform/") ? "platform" : "");
      // The platform's tables stand below all modules; a function may write them in its own transaction.
      const mayName = file.endsWith(".sql") && own in modules ? [own, "platform"] : [own];
      // Those of the library that it keeps jobs with stand below the platform.
      if (own === "platform") mayName.push("pgboss");
      return [...namesIn(file, text)]
        .filter((name) => owned.has(name) && !mayName.includes(schemaOf(name)))
        .filter((name) => !(file.endsWith(".sql") && isOpenTo(name, own, { files, modules })))
        .map((name) => `${file}: ${name} belongs to ${schemaOf(name)}; call its index.ts`);
    });
  },
};

/** Whether a function of a module below says in its header that this module may call it in a transaction of its own. */
function isOpenTo(
  name: string,
  own: string,
  { files, modules }: Pick<Repository, "files" | "modules">,
) {
  const schema = schemaOf(name);
  const header = files.get(`server/src/modules/${schema}/sql/${name.split(".")[1]}.sql`) ?? "";
  const openTo = /^-- Open to +(.+)$/m.exec(header)?.[1]?.split(/, */) ?? [];
  return openTo.includes(own) && (modules[own] ?? []).includes(schema);
}

const references: Rule = {
  name: "foreign keys point down: to the same module, the platform, or a module below",
  check: ({ files, modules }) =>
    [...files].flatMap(([file, text]) => {
      if (!file.startsWith("server/migrations/")) return [];
      return withoutComments(file, text)
        .split(";")
        .flatMap((statement) => {
          const from = /\b(?:create|alter)\s+table\s+(?:if\s+\w+(?:\s+\w+)?\s+)?([a-z_]+)\./i.exec(
            statement,
          )?.[1];
          if (from === undefined) return [];
          const below = [from, "platform", ...(modules[from] ?? [])];
          return [...statement.matchAll(/\breferences\s+([a-z_]+)\./gi)]
            .filter((match) => !below.includes(match[1] ?? ""))
            .map((match) => `${file}: a table of ${from} refers up, to ${match[1]}`);
        });
    }),
};

function ownedNames(files: ReadonlyMap<string, string>): Set<string> {
  const sql = [...files].filter(([file]) => /^server\/(?:migrations|src)\/.*\.sql$/.test(file));
  return new Set(
    sql.flatMap(([file, text]) =>
      [...withoutComments(file, text).matchAll(CREATED)].map((match) =>
        (match[1] ?? "").toLowerCase(),
      ),
    ),
  );
}

/** Every `schema.name` in SQL, and in the strings of TypeScript. */
function namesIn(file: string, text: string): Set<string> {
  const texts = isScript(file) ? stringsIn(text) : [withoutComments(file, text)];
  return new Set(texts.flatMap((part) => part.match(/\b[a-z_]+\.[a-z_]+\b/g) ?? []));
}

function schemaOf(name: string): string {
  return name.split(".")[0] ?? "";
}

interface ResolvedImport extends Import {
  readonly file: string;
  readonly target: string;
}

/** One violation per import that the judge has a sentence about. */
function everyImport(
  { files }: Repository,
  judge: (found: ResolvedImport) => string | null,
): string[] {
  return [...files]
    .filter(([file]) => isScript(file) && !isTidy(file))
    .flatMap(([file, text]) =>
      importsOf(file, text).flatMap((found) => {
        const target = resolveImport(file, found.specifier);
        const verdict = target === null ? null : judge({ ...found, file, target });
        return verdict === null ? [] : [`${file}:${found.line}: '${found.specifier}': ${verdict}`];
      }),
    );
}

export const MODULE_RULES: readonly Rule[] = [edges, ground, order, face, ownership, references];
