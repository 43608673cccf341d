import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./generators.ts";

const HELP = `node scripts/generate-sdk-types.ts [--check]

Writes sdk/src/generated.ts from sdk/openapi.json: the types, and the method and path of each operation.
  --check  writes nothing; fails when the file is not what sdk/openapi.json says
`;
const DOCUMENT = join(ROOT, "sdk/openapi.json");
const FILE = join(ROOT, "sdk/src/generated.ts");
/** A member with a default may be left out; each named schema is exported by its name. */
const OPTIONS = ["--default-non-nullable=false", "--root-types", "--root-types-no-schema-prefix"];
const GENERATOR = "openapi-typescript";
const METHODS = ["get", "post", "put", "patch", "delete"];

interface Operation {
  readonly operationId?: string;
}

const { values: options } = parseArgs({
  options: { help: { type: "boolean" }, check: { type: "boolean" } },
});
if (options.help === true) process.stdout.write(HELP);
else process.exitCode = generate(options.check === true);

function generate(checkOnly: boolean): number {
  const wanted = `${typesOf(DOCUMENT)}\n${routesOf(DOCUMENT)}`;
  if (!checkOnly) {
    writeFileSync(FILE, wanted);
    return 0;
  }
  if (wanted === readIfThere(FILE)) return 0;
  process.stderr.write("sdk/src/generated.ts is stale: run npm run generate\n");
  return 1;
}

/** What openapi-typescript says. It runs as a process of its own, on the TypeScript beside it. */
function typesOf(document: string): string {
  const { resolve } = createRequire(join(ROOT, "sdk/package.json"));
  const command = join(dirname(resolve(GENERATOR)), "../bin/cli.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, document, ...OPTIONS], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`openapi-typescript failed: ${stderr}`);
  return stdout.trimEnd().concat("\n");
}

/** What types cannot tell at run time: where each operation is. */
function routesOf(document: string): string {
  const { paths } = JSON.parse(readFileSync(document, "utf8")) as {
    paths: Record<string, Record<string, Operation>>;
  };
  const lines = Object.entries(paths).flatMap(([path, methods]) =>
    METHODS.flatMap((method) => {
      const id = methods[method]?.operationId;
      const route = { method: method.toUpperCase(), path };
      return id === undefined ? [] : [`    ${id}: ${JSON.stringify(route)},`];
    }),
  );
  return `/** The method and path of each operation. */\nexport const routes = {\n${lines.sort().join("\n")}\n} as const;\n`;
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
