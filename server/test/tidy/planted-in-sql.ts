import { type Violation, violationsOf } from "./planted.ts";

const FILE = "server/src/modules/catalog/sql/close.sql";
const HEADER =
  "-- catalog.close: closes.\n--\n-- In     nothing\n-- Out    nothing\n-- Cost   none\n-- Source here\n";
const FUNCTION = "create or replace function catalog.close() returns void";
const MIGRATION = "server/migrations/0001_a.sql";

export const SQL_VIOLATIONS: readonly Violation[] = [
  ...violationsOf(
    "a function file creates the one function it is named after, in its owner's schema",
    [
      {
        files: { [FILE]: `${FUNCTION}; create function catalog.b();` },
        caught: /holds .*catalog\.b/,
      },
      { files: { [FILE]: FUNCTION.replace("close", "open") }, caught: /catalog\.open/ },
      {
        files: { [FILE]: FUNCTION.replace("catalog", "reservations") },
        caught: /reservations\.close/,
      },
      { files: { [FILE]: FUNCTION.replace("or replace ", "") }, caught: /create or replace/ },
      { files: { [FILE]: "-- nothing" }, caught: /holds none/ },
      {
        files: {
          [FILE]: HEADER + FUNCTION,
          "server/src/platform/jobs/sql/take.sql": "create or replace function platform.take()",
        },
        caught: null,
      },
    ],
  ),
  ...violationsOf("a function's header says what it does, then In, Out, Cost, Source", [
    { files: { [FILE]: FUNCTION }, caught: /begin with '-- catalog\.close: / },
    { files: { [FILE]: HEADER.replace("-- Cost", "-- Price") + FUNCTION }, caught: /'-- Cost'/ },
    { files: { [FILE]: HEADER + FUNCTION }, caught: null },
  ]),
  ...violationsOf("every function in the database is called by something", [
    {
      files: { [FILE]: FUNCTION, "server/src/a.ts": "// catalog.close()" },
      caught: /nothing calls catalog\.close/,
    },
    { files: { [FILE]: FUNCTION, "server/src/a.ts": '"select catalog.close()"' }, caught: null },
  ]),
  ...violationsOf("migrations are numbered without gaps and say why they are there", [
    {
      files: { [MIGRATION]: "-- a", "server/migrations/0003_b.sql": "-- b" },
      caught: /0002_what_it_does/,
    },
    { files: { [MIGRATION]: "create schema a;" }, caught: /comment that says why/ },
    {
      files: { [MIGRATION]: "-- a", "server/migrations/0002_b.sql": "-- b" },
      caught: null,
    },
  ]),
  ...violationsOf(
    "a migration makes tables; functions are source and stand in files of their own",
    [
      { files: { [MIGRATION]: "create function a();" }, caught: /0001_a\.sql:1: put it into/ },
      {
        files: { [MIGRATION]: "-- no create function here\ncreate table a (b int);" },
        caught: null,
      },
      {
        files: {
          [MIGRATION]: "-- a\n-- From here on it is a-queue's own text.\ncreate function a();",
        },
        caught: null,
      },
    ],
  ),
  ...violationsOf("every constraint has a name that says what it holds", [
    {
      files: { [MIGRATION]: "create table a (b int primary key, c int);" },
      caught: /b int primary/,
    },
    { files: { [MIGRATION]: "create table a (b int, check (b in (1, 2)));" }, caught: /check \(b/ },
    { files: { [MIGRATION]: "alter table a add unique (b);" }, caught: /table a add unique/ },
    {
      files: {
        [MIGRATION]:
          "create table a (b int, -- check\n constraint a_key primary key (b), constraint b_small\n check (b in (1, 2)));\ncreate unique index a_b_idx on a (b);",
      },
      caught: null,
    },
  ]),
  ...violationsOf("the database dates by clock_timestamp() and the clock's shift, never by now()", [
    { files: { [FILE]: "select now();" }, caught: /close\.sql:1/ },
    { files: { [MIGRATION]: "a timestamptz default current_timestamp" }, caught: /0001_a\.sql:1/ },
    { files: { [FILE]: "-- not now()\nselect clock_timestamp(), p_now;" }, caught: null },
  ]),
];
