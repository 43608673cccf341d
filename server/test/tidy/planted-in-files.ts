import { type Violation, violationsOf } from "./planted.ts";

const ENTRY = { "package.json": '{ "start": "node scripts/start.mjs" }' };

export const FILE_VIOLATIONS: readonly Violation[] = [
  ...violationsOf("a file has at most 400 lines", [
    { files: { "server/src/a.ts": "a\n".repeat(401) }, caught: /a\.ts: more than 400/ },
    { files: { "server/src/a.ts": "a\n".repeat(400) }, caught: null },
    { files: { "sdk/src/generated.ts": "a\n".repeat(401) }, caught: null },
  ]),
  ...violationsOf("a file is named after what it holds, in the spelling of its kind", [
    { files: { "server/src/platform/utils.ts": "" }, caught: /name it after/ },
    { files: { "server/src/modules/a/reservation-service.ts": "" }, caught: /name it after/ },
    { files: { "server/src/platform/types.ts": "" }, caught: /name it after/ },
    { files: { "server/src/shared/a.ts": "" }, caught: /name it after/ },
    { files: { "server/src/holdTimer.ts": "" }, caught: /kebab-case/ },
    { files: { "web/src/pages/event/event-page.tsx": "" }, caught: /PascalCase/ },
    { files: { "server/src/modules/a/sql/open-sales.sql": "" }, caught: /snake_case/ },
    { files: { "docs/problems/sold_out.md": "" }, caught: /kebab-case/ },
    {
      files: {
        "server/src/hold-timer.test.ts": "",
        "web/src/pages/event/EventPage.tsx": "",
        "web/src/main.tsx": "",
        "web/vite.config.ts": "",
        "scripts/generate-sdk-types.ts": "",
      },
      caught: null,
    },
  ]),
  ...violationsOf(
    "every script is reached from a command, and what only tests reach is for tests",
    [
      { files: { ...ENTRY, "server/src/a.ts": "" }, caught: /server\/src\/a\.ts: nothing uses it/ },
      {
        files: {
          "server/src/a.ts": 'import { b } from "./b.ts";',
          "server/src/b.ts": 'import { a } from "./a.ts";',
        },
        caught: /a\.ts: nothing uses it.*\n.*b\.ts: nothing uses it/,
      },
      {
        files: { "server/src/a.test.ts": 'import { a } from "./a.ts";', "server/src/a.ts": "" },
        caught: /a\.ts: only tests use it/,
      },
      { files: { "server/src/a.ts": "// server/src/a.ts" }, caught: /nothing uses it/ },
      {
        files: {
          ...ENTRY,
          "scripts/start.mjs": 'run("server/src/main.ts");',
          "server/src/main.ts": 'import { a } from "#src/app.ts";',
          "server/src/app.ts": 'new Worker(new URL("./worker.ts", import.meta.url));',
          "server/src/worker.ts": "",
          "server/test/a.test.ts": 'import { a } from "./database.ts";',
          "server/test/database.ts": "",
        },
        caught: null,
      },
    ],
  ),
  ...violationsOf("exports have names", [
    { files: { "server/src/a.ts": "export default function a() {}" }, caught: /a\.ts:1: name it/ },
    { files: { "server/src/a.ts": "export { a as default };" }, caught: /name it/ },
    { files: { "web/vite.config.ts": "export default {};" }, caught: null },
  ]),
  ...violationsOf("nothing names a path of one machine or a folder beside the repository", [
    { files: { "README.md": "cd /work/tessera" }, caught: /README\.md:1: a path of one machine/ },
    { files: { ".ci/run": "cd /home/ada/tessera" }, caught: /a path of one machine/ },
    { files: { "server/src/a.ts": 'const a = "/Users/ada/a";' }, caught: /one machine/ },
    {
      files: { "docs/concepts/holds.md": "see ../shared/rules.md" },
      caught: /not in the repository/,
    },
    {
      files: { "docs/concepts/holds.md": "see the .library folder" },
      caught: /not in the repository/,
    },
    { files: { Dockerfile: "WORKDIR /home/node/tessera" }, caught: null },
    { files: { "server/src/a.ts": 'route("/v1/work/a");' }, caught: null },
  ]),
  ...violationsOf("a document or a comment that names a file names one that is there", [
    {
      files: { "docs/concepts/holds.md": "[the map](../../ARCHITECTURE.md)" },
      caught: /no ARCHITECTURE\.md/,
    },
    { files: { "server/src/a.ts": "// docs/decisions/0001-a.md" }, caught: /no docs\/decisions/ },
    {
      files: { "README.md": "[style](docs/concepts/holds.md#words)", "docs/concepts/holds.md": "" },
      caught: null,
    },
    { files: { "README.md": "[docs](https://example.org/a.md), [top](#top)" }, caught: null },
  ]),
];
