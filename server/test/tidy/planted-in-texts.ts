import { type Violation, violationsOf } from "./planted.ts";

const RESERVE = "server/src/modules/reservations/reserve.ts";
const TEST = "server/src/modules/reservations/reserve.test.ts";
const SOLD_OUT = { code: "sold_out", status: 409, title: "Sold out" };

const WORD_VIOLATIONS: readonly Violation[] = [
  ...violationsOf("no banned words: each has a replacement", [
    { files: { [RESERVE]: "const at = Date.now();" }, caught: /take the Clock/ },
    { files: { [RESERVE]: "const at = new Date();" }, caught: /take the Clock/ },
    { files: { [RESERVE]: "const at = new Date(text);" }, caught: /platform\/time\.ts/ },
    { files: { [RESERVE]: "Math.random();" }, caught: /newId/ },
    { files: { [RESERVE]: "process.env['PORT'];" }, caught: /config\.ts/ },
    { files: { "scripts/start.mjs": "process.env.NODE_ENV;" }, caught: /variable of its own/ },
    { files: { [RESERVE]: "console.log(1);" }, caught: /logger/ },
    { files: { "web/src/a.tsx": "<p dangerouslySetInnerHTML={a} />" }, caught: /React/ },
    { files: { [RESERVE]: "const a = b as any;" }, caught: /give it a type/ },
    { files: { [RESERVE]: "function a(b: any) {}" }, caught: /give it a type/ },
    { files: { [RESERVE]: "const a: Record<string, any> = {};" }, caught: /give it a type/ },
    {
      files: {
        [RESERVE]: "const at = clock.now(); // not Date.now(), whatever any other clock says",
        "server/src/platform/clock.ts": "Date.now();",
        "server/src/config.ts": "process.env;",
        "scripts/start.mjs": "console.log(process.env.PORT);",
      },
      caught: null,
    },
  ]),
  ...violationsOf(
    "one word, one meaning: no cart, purchase, booking or order outside the dialects",
    [
      { files: { [RESERVE]: "const bookingId = 1;" }, caught: /'booking'/ },
      { files: { [RESERVE]: "// the buyer's cart" }, caught: /'cart'/ },
      {
        files: { "server/migrations/0001_a.sql": "create table purchase (a int);" },
        caught: /purchase/,
      },
      { files: { [RESERVE]: "function createOrder() {}" }, caught: /create_Order/ },
      { files: { [RESERVE]: "const orderId = 1;" }, caught: /order_Id/ },
      { files: { "web/src/a.tsx": "<h1>Your order</h1>" }, caught: /Your order/ },
      {
        files: {
          [RESERVE]:
            "// in the order of the requests; locks in id order; order by a; .orderBy(b); Cartesian",
          "server/src/modules/dialects/event-booking/booking.ts": "const bookingId = 1;",
        },
        caught: null,
      },
    ],
  ),
  ...violationsOf("what is left to do has the number of its issue", [
    { files: { [RESERVE]: "// TODO later" }, caught: /reserve\.ts:1/ },
    { files: { "docs/concepts/holds.md": "FIXME" }, caught: /holds\.md:1/ },
    { files: { [RESERVE]: "/** @todo later */" }, caught: /reserve\.ts:1/ },
    { files: { [RESERVE]: "// TODO(#12) several slots\n/** @todo #12 */" }, caught: null },
  ]),
  ...violationsOf("a check is switched off only with its reason beside it", [
    { files: { [RESERVE]: "// @ts-ignore: because" }, caught: /reserve\.ts:1/ },
    { files: { [RESERVE]: "// @ts-expect-error" }, caught: /reserve\.ts:1/ },
    { files: { [RESERVE]: "// biome-ignore lint/style/useConst" }, caught: /reserve\.ts:1/ },
    { files: { [RESERVE]: "// @ts-expect-error a wrong kind must not compile" }, caught: null },
  ]),
];

const PROBLEM_VIOLATIONS: readonly Violation[] = [
  ...violationsOf("every problem has its page, and every page its problem", [
    { files: {}, problems: [SOLD_OUT], caught: /docs\/problems\/sold-out\.md: write it/ },
    { files: { "docs/problems/sold-out.md": "" }, caught: /no such problem is declared/ },
    {
      files: { "docs/problems/sold-out.md": "", "docs/problems/README.md": "" },
      problems: [SOLD_OUT],
      caught: null,
    },
  ]),
  ...violationsOf("a problem's page has its title, and says what happened and what to do", [
    {
      files: { "docs/problems/sold-out.md": "# Sold out\n\n## What happened\n" },
      problems: [SOLD_OUT],
      caught: /What to do/,
    },
    {
      files: { "docs/problems/sold-out.md": "# Gone\n\n## What happened\n\n## What to do\n" },
      problems: [SOLD_OUT],
      caught: /# Sold out/,
    },
  ]),
  ...violationsOf("a problem's code is snake_case and its status is one of a refusal or a fault", [
    { files: {}, problems: [{ ...SOLD_OUT, code: "sold-out" }], caught: /snake_case/ },
    { files: {}, problems: [{ ...SOLD_OUT, status: 200 }], caught: /200/ },
    { files: {}, problems: [SOLD_OUT], caught: null },
  ]),
  ...violationsOf(
    "a kind of problem is declared once, at the top of a file, never where it is thrown",
    [
      {
        files: { [RESERVE]: 'throw new Problem(problemType({ code: "a" }), "b");' },
        caught: /reserve\.ts/,
      },
      { files: { [RESERVE]: 'throw new Problem(soldOut, "b");' }, caught: null },
    ],
  ),
];

const TEST_VIOLATIONS: readonly Violation[] = [
  ...violationsOf("no test sleeps: it waits for a signal, or moves the clock", [
    { files: { [TEST]: "await new Promise((r) => setTimeout(r, 100));" }, caught: /:1: wait for/ },
    { files: { [TEST]: 'import { setTimeout } from "node:timers/promises";' }, caught: /wait for/ },
    { files: { "server/test/races/a.test.ts": '"select pg_sleep(1)"' }, caught: /wait for/ },
    { files: { "sdk/src/client.test.ts": "await sleep(1);" }, caught: /wait for/ },
    { files: { [RESERVE]: "setTimeout(stop, 1000);" }, caught: null },
  ]),
  ...violationsOf("no test replaces our own code", [
    { files: { [TEST]: 'mock.module("./reserve.ts", {});' }, caught: /factory/ },
    { files: { [TEST]: 't.mock.method(store, "find");' }, caught: /factory/ },
    { files: { [TEST]: 't.mock.method(fs, "fsyncSync");' }, caught: null },
  ]),
  ...violationsOf("no test keeps others from running, and a skipped one says why", [
    { files: { [TEST]: 'test.only("a", () => {});' }, caught: /remove it/ },
    { files: { [TEST]: 'test("a", { skip: true }, () => {});' }, caught: /remove it/ },
    { files: { [TEST]: 'test("a", { skip: "needs PostgreSQL" }, () => {});' }, caught: null },
  ]),
  ...violationsOf("a test is named by what it guarantees", [
    { files: { [TEST]: 'test("a hold should expire", () => {});' }, caught: /guarantee/ },
    { files: { [TEST]: 'it("works", () => {});' }, caught: /guarantee/ },
    { files: { [TEST]: 'test("a hold that expires gives its places back", f);' }, caught: null },
  ]),
  ...violationsOf("a race test begins with its negative control", [
    {
      files: { "server/test/races/oversell.test.ts": 'test("100 places are sold 100 times", f);' },
      caught: /begin with 'negative control/,
    },
    {
      files: {
        "server/test/races/oversell.test.ts":
          'test("never oversold", f);\ntest("negative control: without the lock, places are sold twice", f);',
      },
      caught: /begin with/,
    },
    {
      files: {
        "server/test/races/oversell.test.ts":
          'test("negative control: without the lock, places are sold twice", f);\ntest("never oversold", f);',
      },
      caught: null,
    },
  ]),
];

export const TEXT_VIOLATIONS: readonly Violation[] = [
  ...WORD_VIOLATIONS,
  ...PROBLEM_VIOLATIONS,
  ...TEST_VIOLATIONS,
];
