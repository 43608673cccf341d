import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { runAutocannon } from "./autocannon.ts";
import { createEvent, provenSold } from "./client.ts";
import { againstEcho } from "./comparison.ts";
import { measure, type Result } from "./measure.ts";
import { DATABASES } from "./measurement.ts";
import { verdictOf } from "./report.ts";
import { hotSlotLoad, PLENTY } from "./reservation-load.ts";
import { type Positions, runRound } from "./run-round.ts";
import { openStage, type Stage } from "./stage.ts";
import { median } from "./statistics.ts";
import { CONNECTIONS } from "./wrk.ts";

const database = DATABASES.find((kind) => kind === process.env["TEST_DATABASE"]) ?? "embedded";
const FEW = { rounds: 1, seconds: 1, warmUpSeconds: 0, preload: 1000 };

test("the bench counts what the server counts and what the ledger says was sold", async (t) => {
  const stage = await stageOf(t);
  const server = await stage.startTessera(await stage.newStorage());
  const event = await createEvent(server, { slots: 2, capacity: PLENTY });
  const load = hotSlotLoad(event, { confirm: true });
  const comparison = await againstEcho(stage, {
    title: "counted",
    server,
    load,
    bodyComponent: "NewReservation",
  });
  const options = { round: 1, seconds: 1, directory: stage.directory, positions: new Map() };
  const echo = await runRound(comparison.echo, options);
  const ours = await runRound(comparison.ours, options);

  assert.deepEqual([...echo.faults, ...ours.faults], []);
  const counted = ours.counted?.get("2xx") ?? 0;
  const sold = await provenSold(server, event, event.slotIds[1] ?? "");
  // What is under way when the time is over is answered, but not by the end of it.
  for (const count of [counted, sold]) {
    assert.ok(count >= ours.requests && count <= ours.requests + CONNECTIONS);
  }
  assert.ok(echo.requestsPerSecond > ours.requestsPerSecond);
});

test("answers that were not expected are faults, however fast they came", async (t) => {
  const stage = await stageOf(t);
  const answer = { method: "GET", route: "/", bodyComponent: null, headers: {}, body: "" } as const;
  const refusing = await stage.startEcho({ ...answer, status: 503 });
  const answering = await stage.startEcho({ ...answer, status: 200 });
  const positions: Positions = new Map();
  const options = { round: 1, seconds: 1, directory: stage.directory, positions };
  const requests = () => [{ method: "GET", path: "/" } as const];
  const wrong = await runRound({ servers: [refusing], load: { status: 200, requests } }, options);
  const unrefused = await runRound(
    { servers: [answering], load: { status: 409, requests } },
    options,
  );

  assert.match(wrong.faults.join(), /answers were not 200/);
  assert.match(unrefused.faults.join(), /answers were not 409/);
  // The next round goes on where this one ended.
  assert.ok((positions.get(answering) ?? 0) >= unrefused.requests);
});

test("a measurement whose servers cannot start leaves nothing running and says why", async () => {
  const broken = {
    name: "broken",
    letter: "z",
    databases: [database],
    prepare: (stage: Stage) =>
      stage.startTessera({ url: null, environment: { PORT: "none" }, remove: async () => {} }),
  };
  const cleared: (() => Promise<void>)[] = [];
  await assert.rejects(
    measure(
      { ...broken, prepare: async (stage) => [await broken.prepare(stage)] as never },
      database,
      FEW,
      (clear) => cleared.push(clear),
    ),
    /tessera did not start:.*PORT/s,
  );
  assert.equal(cleared.length, 1);
});

test("a bar is met or missed by the median of the ratios, and never by an invalid run", () => {
  const side = { requestsPerSecond: 1, p50Ms: 1, p99Ms: 1, cpuCores: 1, rssMb: 200 };
  const result: Result = {
    letter: "b",
    name: "hold-and-confirm",
    title: "",
    database: "postgres",
    bar: 0.5,
    memoryMbMax: 250,
    referenceName: "echo",
    ratios: [0.4, 0.5, 0.9],
    toEcho: [0.4, 0.5, 0.9],
    ours: side,
    echo: side,
    reference: null,
    rounds: { ours: [], echo: [] },
    faults: [],
  };
  assert.equal(verdictOf(result), "met");
  assert.equal(verdictOf({ ...result, ratios: [0.4, 0.49, 0.9] }), "missed");
  assert.equal(verdictOf({ ...result, ratios: [] }), "missed");
  assert.equal(verdictOf({ ...result, ours: { ...side, rssMb: 251 } }), "missed");
  assert.equal(verdictOf({ ...result, bar: null, memoryMbMax: null }), "no bar");
  assert.equal(verdictOf({ ...result, faults: ["503"] }), "invalid");
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
});

test("where there is no wrk, autocannon sends the same requests and counts the same", async (t) => {
  const stage = await stageOf(t);
  const server = await stage.startTessera(await stage.newStorage());
  const event = await createEvent(server, { slots: 1, capacity: PLENTY });
  const counts = await runAutocannon({
    url: server.url,
    connections: 8,
    seconds: 1,
    requests: hotSlotLoad(event, { confirm: true }).requests(0),
    keyPrefix: "autocannon-",
    position: 0,
  });
  assert.deepEqual([counts.statusAbove399, counts.read, counts.timeout], [0, 0, 0]);
  const sold = await provenSold(server, event, event.slotIds[0] ?? "");
  assert.ok(sold >= counts.requests && sold <= counts.position && counts.requests > 0);
});

async function stageOf(t: TestContext): Promise<Stage> {
  const stage = await openStage({ database, ...FEW });
  t.after(stage.clear);
  return stage;
}
