import assert from "node:assert/strict";
import { test } from "node:test";
import { Batcher, QueueFull } from "./batcher.ts";

/** A batcher whose batches run only when the test lets them. */
function heldBatcher(options: {
  batchItemsMax: number;
  queueItemsMax: number;
  named?: boolean;
  isElsewhere?: boolean;
}) {
  const batches: { items: readonly string[]; finish: (error?: Error) => void }[] = [];
  let arrived = Promise.withResolvers<void>();
  const batcher = new Batcher<string, string>({
    batchItemsMax: options.batchItemsMax,
    queueItemsMax: options.queueItemsMax,
    isElsewhere: options.isElsewhere ?? false,
    ...(options.named && { namesOf: (item: string) => [item.slice(0, 1)] }),
    mayBeOneItem: (error) => error instanceof Error && error.message === "poison",
    run: (items) => {
      const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
      const finish = (error?: Error) =>
        error === undefined ? resolve(items.map((item) => `${item}!`)) : reject(error);
      batches.push({ items, finish });
      arrived.resolve();
      arrived = Promise.withResolvers();
      return promise;
    },
  });
  const nextBatch = async () => {
    while (batches.length === 0) await arrived.promise;
    const batch = batches.shift();
    assert.ok(batch);
    return batch;
  };
  return { batcher, nextBatch };
}

test("what comes while a batch runs is the next batch, in order", async () => {
  const { batcher, nextBatch } = heldBatcher({ batchItemsMax: 10, queueItemsMax: 10 });
  const first = batcher.submit("a");
  const one = await nextBatch();
  const later = ["b", "c", "d"].map((item) => batcher.submit(item));
  one.finish();
  const two = await nextBatch();
  two.finish();
  assert.deepEqual(one.items, ["a"]);
  assert.deepEqual(two.items, ["b", "c", "d"]);
  assert.deepEqual(await Promise.all([first, ...later]), ["a!", "b!", "c!", "d!"]);
});

test("calls of one turn of the event loop share the first batch", async () => {
  const { batcher, nextBatch } = heldBatcher({ batchItemsMax: 10, queueItemsMax: 10 });
  const all = ["a", "b"].map((item) => batcher.submit(item));
  const batch = await nextBatch();
  assert.deepEqual(batch.items, ["a", "b"]);
  batch.finish();
  await Promise.all(all);
});

test("a full queue refuses at once, and what waits is not lost", async () => {
  const { batcher, nextBatch } = heldBatcher({ batchItemsMax: 1, queueItemsMax: 2 });
  const first = batcher.submit("a");
  const one = await nextBatch();
  const waiting = [batcher.submit("b"), batcher.submit("c")];
  await assert.rejects(batcher.submit("d"), QueueFull);
  one.finish();
  (await nextBatch()).finish();
  (await nextBatch()).finish();
  assert.deepEqual(await Promise.all([first, ...waiting]), ["a!", "b!", "c!"]);
  await batcher.idle();
});

test("items that name the same thing never share a batch, and keep their order", async () => {
  const { batcher, nextBatch } = heldBatcher({ batchItemsMax: 10, queueItemsMax: 10, named: true });
  const all = ["a1", "b1", "a2", "c1", "a3"].map((item) => batcher.submit(item));
  const seen: (readonly string[])[] = [];
  for (let count = 0; count < 3; count++) {
    const batch = await nextBatch();
    seen.push(batch.items);
    batch.finish();
  }
  await Promise.all(all);
  assert.deepEqual(seen, [["a1", "b1", "c1"], ["a2"], ["a3"]]);
});

test("one poisoned item fails alone", async () => {
  const batcher = new Batcher<string, string>({
    batchItemsMax: 8,
    queueItemsMax: 8,
    mayBeOneItem: () => true,
    run: async (items) => {
      if (items.includes("poison")) throw new Error("poison");
      return items.map((item) => `${item}!`);
    },
  });
  const all = ["a", "b", "poison", "c", "d"].map((item) => batcher.submit(item));
  const settled = await Promise.allSettled(all);
  assert.deepEqual(
    settled.map((result) =>
      result.status === "fulfilled" ? result.value : String(result.reason.message),
    ),
    ["a!", "b!", "poison", "c!", "d!"],
  );
});

test("a fault of the database fails the whole batch, once", async () => {
  let runs = 0;
  const batcher = new Batcher<string, string>({
    batchItemsMax: 8,
    queueItemsMax: 8,
    mayBeOneItem: () => false,
    run: async () => {
      runs++;
      throw new Error("away");
    },
  });
  const settled = await Promise.allSettled(["a", "b"].map((item) => batcher.submit(item)));
  assert.ok(settled.every((result) => result.status === "rejected"));
  assert.equal(runs, 1);
});

test("what runs elsewhere is halved when all wait, and the second half starts before the first is answered", async () => {
  const limits = { batchItemsMax: 100, queueItemsMax: 100 };
  const { batcher, nextBatch } = heldBatcher({ ...limits, isElsewhere: true });
  const answered: number[] = [];
  const all = Array.from({ length: 40 }, (_, index) =>
    batcher.submit(`${index}`).then(() => answered.push(index)),
  );
  const first = await nextBatch();
  first.finish();
  const second = await nextBatch();
  assert.deepEqual([first.items.length, second.items.length, answered.length], [20, 20, 0]);
  second.finish();
  await Promise.all(all);
  assert.deepEqual(answered, [...Array(40).keys()]);
});

test("what runs in this process goes whole: halves would only take turns", async () => {
  const { batcher, nextBatch } = heldBatcher({ batchItemsMax: 100, queueItemsMax: 100 });
  const all = Array.from({ length: 40 }, (_, index) => batcher.submit(`${index}`));
  const batch = await nextBatch();
  assert.equal(batch.items.length, 40);
  batch.finish();
  await Promise.all(all);
});
