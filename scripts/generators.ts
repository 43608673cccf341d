import { existsSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "..");

/** A program that writes a file which is generated and committed; with --check it fails when that file is stale. */
interface Generator {
  readonly script: string;
  readonly writes: string;
}

/** In the order they must run: each may read what those before it wrote. */
const GENERATORS: readonly Generator[] = [
  { script: "scripts/dump-schema.ts", writes: "server/schema.sql" },
  {
    script: "scripts/generate-database-types.ts",
    writes: "server/src/platform/database/generated.ts",
  },
  { script: "scripts/generate-configuration.ts", writes: "docs/operating/configuration.md" },
  { script: "scripts/generate-openapi.ts", writes: "sdk/openapi.json" },
  { script: "scripts/generate-sdk-types.ts", writes: "sdk/src/generated.ts" },
];

export function generators(): readonly Generator[] {
  return GENERATORS.filter(({ script }) => existsSync(join(ROOT, script)));
}
