import { truncateSync, utimesSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { beforeAll, describe, expect, it } from "vitest";
import type { BatchRequest } from "../../runtime/data/assembly/row-batch.js";
import { memoryColumn } from "../../runtime/data/memory-column.js";
import type * as Rings from "../../runtime/data/prefetch/batch-ring.js";
import type * as Supplies from "../../runtime/data/prefetch/batch-supply.js";
import type * as Threads from "../../runtime/data/prefetch/loader-thread.js";
import { readDataset } from "../../runtime/data/read-dataset.js";
import type { Dataset } from "../../runtime/data/types.js";
import { bytesOf, npyBytes, problemsOf, temporaryDirectory } from "./files.js";

/** Threads are started from the build. */
const built = (name: string): string => new URL(`../../dist/runtime/data/prefetch/${name}.js`, import.meta.url).href;

const directory = temporaryDirectory();
let openSupply: typeof Supplies.openSupply;
let defaultPrefetch: typeof Supplies.defaultPrefetch;

beforeAll(async () => {
  ({ openSupply, defaultPrefetch } = (await import(built("batch-supply"))) as typeof Supplies);
});

const rows = 40;

/** Bytes `[2, 3]` a row that tell the row, mirrored by lot; class numbers beside them. */
function dataset(): Dataset {
  const buffer = new SharedArrayBuffer(rows * 6);
  new Uint8Array(buffer).forEach((_, index, all) => {
    all[index] = index;
  });
  const raw = memoryColumn({ title: "x" }, "uint8", [rows, 1, 2, 3], { buffer });
  const steps = { augmentation: { seed: 1, mirror: true }, scaling: { scale: 0.5, mean: [3] } };
  const data = new Int32Array(new SharedArrayBuffer(4 * rows)).map((_, row) => row % 7);
  return { features: { x: { ...raw, dtype: "float32", steps } }, labels: { y: { shape: [rows], data } } };
}

const request = (numbers: readonly number[], epoch = 0): BatchRequest => ({ rows: Int32Array.from(numbers), epoch });

/** Batches of 6 rows, the last ragged, of several epochs. */
function batches(epochs: number): readonly BatchRequest[] {
  return Array.from({ length: epochs }, (_, epoch) =>
    Array.from({ length: 7 }, (_batch, index) => {
      const length = Math.min(6, rows - 6 * index);
      return request(
        Array.from({ length }, (_row, at) => ((6 * index + at) * 11) % rows),
        epoch,
      );
    }),
  ).flat();
}

type Supply = Supplies.BatchSupply;
const valuesOf = async (supply: Supply, wanted: BatchRequest) => {
  const { features, labels, rows: numbers } = await supply.next(wanted);
  expect([...numbers]).toEqual([...wanted.rows]);
  expect(features.x?.data.buffer).toBeInstanceOf(ArrayBuffer);
  return [...(features.x?.data ?? []), ...(labels.y?.data ?? [])];
};

async function expectedOf(requests: readonly BatchRequest[]): Promise<readonly (readonly number[])[]> {
  const supply = await openSupply(dataset(), { most: 6, prefetch: 0 });
  const all: number[][] = [];
  for (const wanted of requests) all.push(await valuesOf(supply, wanted));
  await supply.close();
  return all;
}

describe("batches that a loader thread makes ahead", () => {
  it.each([1, 2, 5])("are the same as without, %i ahead", async (prefetch) => {
    const requests = batches(3);
    const expected = await expectedOf(requests);
    const supply = await openSupply(dataset(), { most: 6, prefetch });
    supply.announce(requests);
    for (const [index, wanted] of requests.entries()) {
      expect(await valuesOf(supply, wanted)).toEqual(expected[index]);
      // As a worker does at the beginning of an epoch: what is known already goes on.
      if (index % 7 === 6) supply.announce(requests.slice(index + 1));
    }
    await supply.close();
    expect([supply.ahead, supply.waited > 0]).toEqual([requests.length, true]);
  });

  it("may be left out, asked for unannounced, or announced anew in another order", async () => {
    const requests = batches(2);
    const expected = await expectedOf(requests);
    const supply = await openSupply(dataset(), { most: 6, prefetch: 2 });
    supply.announce(requests);
    const take = async (index: number) => {
      expect(await valuesOf(supply, requests[index] ?? request([]))).toEqual(expected[index]);
      // As a step does: meanwhile the loader makes what it has room for.
      await setTimeout(30);
    };
    // Where batches are left out the loader is behind for a while. The rows of 12 are those of 5, in another epoch.
    for (const index of [0, 3, 4, 12]) await take(index);
    supply.announce(requests);
    for (const index of [0, 3, 4, 5, 6, 7]) await take(index);
    expect(supply.ahead).toBeGreaterThan(3);
    supply.announce(requests.slice(13));
    const [odd] = await expectedOf([request([39, 0, 39])]);
    expect(await valuesOf(supply, request([39, 0, 39]))).toEqual(odd);
    await take(13);
    const order = [9, 2, 2, 7, 11, 0, 1];
    supply.announce(order.map((index) => requests[index] ?? request([])));
    supply.announce(order.slice(0, 5).map((index) => requests[index] ?? request([])));
    for (const index of [...order, 3, 5]) await take(index);
    // Announced and never taken.
    supply.announce(requests);
    await supply.close();
  });

  it("fail with the file and the row, and others come after it", async () => {
    const x = npyBytes({ descr: "<f4", shape: [rows, 2], data: bytesOf(new Float32Array(2 * rows)) });
    const file = directory.write("x.npy", x);
    const y = directory.write("y.npy", npyBytes({ shape: [rows], data: new Uint8Array(rows) }));
    const data = await readDataset(file, { labels: y, storage: "file" });
    expect([defaultPrefetch(data), defaultPrefetch(dataset())]).toEqual([2, 2]);
    const supply = await openSupply(data, { most: 6 });
    supply.announce([request([0, 1])]);
    await supply.next(request([0, 1]));
    truncateSync(file, x.length - 8 * 20);
    const lists = [[3, 4], [18, 19, 20], [21], [5]];
    supply.announce(lists.map((list) => request(list)));
    const failed = (row: number) => [`DATA_FILE_DAMAGED "${file}" ends inside row ${row}, it was longer`];
    await supply.next(request([3, 4]));
    expect(await problemsOf(Promise.resolve(supply.next(request([18, 19, 20]))))).toEqual(failed(20));
    expect(await problemsOf(Promise.resolve(supply.next(request([21]))))).toEqual(failed(21));
    expect((await supply.next(request([5]))).rows).toHaveLength(1);
    await supply.close();
  });

  it("fail where the loader cannot open what the worker could", async () => {
    const file = directory.write("moved.npy", npyBytes({ shape: [rows, 2], data: new Uint8Array(2 * rows) }));
    const y = directory.write("y.npy", npyBytes({ shape: [rows], data: new Uint8Array(rows) }));
    const supply = await openSupply(await readDataset(file, { labels: y, storage: "file" }), { most: 6 });
    utimesSync(file, 1, 1);
    supply.announce([request([1])]);
    expect(await problemsOf(Promise.resolve(supply.next(request([1]))))).toEqual([
      `DATA_FILE_DAMAGED "${file}" changed after its rows were checked`,
    ]);
    await supply.close();
  });

  it("are refused where they need more memory than there is", async () => {
    const large = { shape: [2 ** 31, 1], data: new Float32Array() };
    const wanted = openSupply({ features: { large }, labels: {} }, { most: 2 ** 31, prefetch: 64 });
    await expect(wanted).rejects.toThrow();
  });
});

describe("a loader thread", () => {
  it("that ends by itself is noticed", async () => {
    const { LoaderThread } = (await import(built("loader-thread"))) as typeof Threads;
    const { allocateRing } = (await import(built("batch-ring"))) as typeof Rings;
    const loader = new LoaderThread({ dataset: dataset(), ring: allocateRing({ columns: [], depth: 1, most: 1 }) });
    expect(loader.lost).toBe(undefined);
    loader.ring.stop();
    await expect
      .poll(() => loader.lost, { timeout: 10_000 })
      .toEqual([{ code: "DATA_LOADER_FAILED", message: "a loader thread ended with exit status 0" }]);
    await loader.close();
  });

  it("serves a worker thread that blocks, and ends with it", async () => {
    const requests = batches(2);
    const worker = new Worker(new URL("./prefetch-worker.mjs", import.meta.url), {
      workerData: { dataset: dataset(), requests, supply: built("batch-supply") },
    });
    const found = await new Promise((resolve, reject) => {
      worker.on("message", resolve);
      worker.on("error", reject);
    });
    expect(found).toEqual(await expectedOf(requests));
    // The worker left its supply open.
    expect(await worker.terminate()).toBe(1);
  });
});
