import { type Violation, violationsOf } from "./planted.ts";

const CATALOG = "server/src/modules/catalog";
const RESERVATIONS = "server/src/modules/reservations";
const TABLES = {
  "server/migrations/0001_tables.sql":
    "create table catalog.slot (a int); create table platform.idempotency (a int);",
};

export const MODULE_VIOLATIONS: readonly Violation[] = [
  ...violationsOf(
    "a module is entered through its index.ts, and only along the edges of boundaries.ts",
    [
      {
        files: { [`${RESERVATIONS}/a.ts`]: 'import { b } from "#modules/catalog/slot-store.ts";' },
        caught: /a\.ts:1: .*private/,
      },
      {
        files: { [`${RESERVATIONS}/a.ts`]: 'const b = await import("#modules/catalog/b.ts");' },
        caught: /private/,
      },
      {
        files: { [`${CATALOG}/a.ts`]: 'import { b } from "#modules/reservations/index.ts";' },
        caught: /catalog may not depend on reservations/,
      },
      {
        files: { [`${RESERVATIONS}/a.ts`]: 'import { b } from "#modules/catalog/testing.ts";' },
        caught: /private/,
      },
      {
        files: { "server/src/config.ts": 'import { b } from "#modules/catalog/index.ts";' },
        caught: /only app\.ts/,
      },
      {
        files: {
          [`${RESERVATIONS}/a.ts`]: 'import { b } from "#modules/catalog/index.ts";',
          [`${RESERVATIONS}/a.test.ts`]: 'import { b } from "#modules/catalog/testing.ts";',
          "server/src/app.ts": 'import { b } from "#modules/reservations/index.ts";',
        },
        caught: null,
      },
    ],
  ),
  ...violationsOf("platform, modules, tests, sdk and web each see only what stands below them", [
    {
      files: { "server/src/platform/a.ts": 'import { b } from "#modules/catalog/index.ts";' },
      caught: /platform may not use modules/,
    },
    {
      files: { [`${CATALOG}/a.ts`]: 'import { config } from "#src/config.ts";' },
      caught: /modules may not use server/,
    },
    {
      files: { [`${CATALOG}/a.ts`]: 'import { b } from "#test/database.ts";' },
      caught: /modules may not use tests/,
    },
    {
      files: { [`${CATALOG}/a.ts`]: 'import { b } from "../../platform/id.ts";' },
      caught: /leaves its module by dots/,
    },
    {
      files: { "web/src/a.ts": 'import { b } from "../../server/src/platform/id.ts";' },
      caught: /web may not use server|web may not use platform/,
    },
    { files: { "sdk/src/a.ts": 'import { b } from "../../web/src/b.ts";' }, caught: /sdk may not/ },
    {
      files: {
        [`${CATALOG}/a.ts`]: 'import { b } from "#platform/id.ts";',
        [`${CATALOG}/deep/a.ts`]: 'import { b } from "../b.ts";',
        [`${CATALOG}/a.test.ts`]: 'import { b } from "#test/database.ts";',
        "web/src/a.ts": 'import { b } from "@tessera/sdk";',
      },
      caught: null,
    },
  ]),
  ...violationsOf("boundaries.ts lists every module once, from the ground up", [
    {
      files: { [`${CATALOG}/index.ts`]: "" },
      modules: { reservations: ["catalog"], catalog: [] },
      caught: /catalog must come before it/,
    },
    { files: { [`${CATALOG}/index.ts`]: "" }, modules: {}, caught: /not in server\/boundaries/ },
    { files: {}, modules: { catalog: [] }, caught: /there is no module catalog/ },
    {
      files: { [`${CATALOG}/index.ts`]: "", [`${RESERVATIONS}/index.ts`]: "" },
      caught: null,
    },
  ]),
  ...violationsOf("every module has an index.ts as its face and a README.md of its words", [
    {
      files: { [`${CATALOG}/index.ts`]: "" },
      modules: { catalog: [] },
      caught: /README\.md: missing/,
    },
    {
      files: { [`${CATALOG}/README.md`]: "" },
      modules: { catalog: [] },
      caught: /index\.ts: missing/,
    },
  ]),
  ...violationsOf("only the module that owns a table or a function names it", [
    {
      files: { ...TABLES, [`${RESERVATIONS}/a.ts`]: "sql`select 1 from catalog.slot`" },
      caught: /catalog\.slot belongs to catalog/,
    },
    {
      files: { ...TABLES, [`${RESERVATIONS}/a.ts`]: 'database.selectFrom("catalog.slot as s")' },
      caught: /catalog\.slot belongs to catalog/,
    },
    {
      files: { ...TABLES, [`${RESERVATIONS}/sql/a.sql`]: "delete from catalog.slot;" },
      caught: /catalog\.slot belongs to catalog/,
    },
    {
      files: { ...TABLES, [`${CATALOG}/a.ts`]: '"insert into platform.idempotency"' },
      caught: /belongs to platform/,
    },
    {
      files: {
        [`${CATALOG}/sql/close.sql`]: "create or replace function catalog.close()",
        [`${RESERVATIONS}/a.ts`]: '"select catalog.close()"',
      },
      caught: /catalog\.close belongs to catalog/,
    },
    {
      // Open to another module, or to one that stands below.
      files: {
        [`${CATALOG}/sql/close.sql`]:
          "-- Open to  payments\ncreate or replace function catalog.close()",
        [`${RESERVATIONS}/sql/a.sql`]: "select catalog.close();",
      },
      modules: { catalog: [], reservations: ["catalog"] },
      caught: /catalog\.close belongs to catalog/,
    },
    {
      files: {
        [`${CATALOG}/sql/close.sql`]:
          "-- Open to  reservations\ncreate or replace function catalog.close()",
        [`${RESERVATIONS}/sql/a.sql`]: "select catalog.close();",
      },
      modules: { catalog: [], reservations: [] },
      caught: /catalog\.close belongs to catalog/,
    },
    {
      files: {
        ...TABLES,
        [`${CATALOG}/a.ts`]: "sql`select 1 from catalog.slot`",
        [`${RESERVATIONS}/a.ts`]: "catalog.slot(id); // as catalog.slot does",
        [`${RESERVATIONS}/sql/a.sql`]: "insert into platform.idempotency; -- not catalog.slot",
        [`${RESERVATIONS}/a.test.ts`]: '"select 1 from catalog.slot"',
      },
      caught: null,
    },
  ]),
  ...violationsOf("foreign keys point down: to the same module, the platform, or a module below", [
    {
      files: {
        "server/migrations/0001_a.sql":
          "create table catalog.a (b uuid constraint c references reservations.pool);",
      },
      caught: /a table of catalog refers up, to reservations/,
    },
    {
      files: {
        "server/migrations/0001_a.sql":
          "create table reservations.a (b uuid constraint c references catalog.slot);",
      },
      caught: null,
    },
  ]),
];
