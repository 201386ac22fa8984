/**
 * How much of its time a worker waits for batches, made by itself or ahead of it by a loader thread: `node
 * benchmarks/prefetch.mjs` after `npm run build`. Takes the assembler and the ring alone; a step is so many milliseconds of
 * arithmetic on the worker's thread. All figures are of one run; other processes on the machine disturb them.
 */
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

const batchsize = 64;
const count = 4096;
const steps = 60;

/** Columns to make batches of: bytes in memory that are scaled, and larger images that are resized. */
async function datasets() {
  const { prepareDataset } = await import("../dist/runtime/index.js");
  const { memoryColumn } = await import("../dist/runtime/data/memory-column.js");
  const make = async (rows, [channels, height, width], shape) => {
    const length = rows * channels * height * width;
    const buffer = new SharedArrayBuffer(length);
    new Uint8Array(buffer).forEach((_, index, all) => {
      all[index] = index * 31;
    });
    const raw = memoryColumn({ title: "images" }, "uint8", [rows, channels, height, width], { buffer });
    const dataset = { features: { x: { ...raw, dtype: "float32" } }, labels: {} };
    const options = { inputs: { x: { shape, dtype: "float32" } }, labels: {}, scale: 1 / 255, mean: 33 };
    const { features, labels } = await prepareDataset(dataset, options);
    return { dataset: { features, labels }, rows };
  };
  return {
    "3×32×32 bytes, scaled": { ...(await make(count, [3, 32, 32], [3, 32, 32])), step: 20 },
    "3×160×160 bytes, resized to 3×64×64": { ...(await make(512, [3, 160, 160], [3, 64, 64])), step: 60 },
    "the same": { ...(await make(512, [3, 160, 160], [3, 64, 64])), step: 15 },
  };
}

function compute(milliseconds) {
  const end = performance.now() + milliseconds;
  let x = 1;
  while (performance.now() < end) for (let i = 0; i < 1000; i++) x = Math.sqrt(x + i);
  return x;
}

async function work({ dataset, rows, step, prefetch }) {
  const { openSupply } = await import("../dist/runtime/data/prefetch/batch-supply.js");
  const supply = await openSupply(dataset, { most: batchsize, prefetch });
  const requests = Array.from({ length: steps + 5 }, (_, batch) => ({
    rows: Int32Array.from({ length: batchsize }, (_row, at) => ((batch * batchsize + at) * 61) % rows),
    epoch: 0,
  }));
  supply.announce(requests);
  // The first batches are those of the start: the thread, the engine, code that is not compiled yet.
  for (const request of requests.slice(0, 5)) await supply.next(request);
  const start = performance.now();
  let waited = 0;
  for (const request of requests.slice(5)) {
    compute(step);
    const before = performance.now();
    await supply.next(request);
    waited += performance.now() - before;
  }
  const seconds = performance.now() - start;
  await supply.close();
  return { waited, seconds };
}

if (isMainThread) {
  console.log(`${availableParallelism()} cores, batches of ${batchsize}, ${steps} steps each`);
  for (const [name, { dataset, rows, step }] of Object.entries(await datasets())) {
    for (const prefetch of [0, 1, 2, 4]) {
      const worker = new Worker(new URL(import.meta.url), { workerData: { dataset, rows, step, prefetch } });
      const { waited, seconds } = await new Promise((resolve, reject) => {
        worker.on("message", resolve);
        worker.on("error", reject);
      });
      const share = ((100 * waited) / seconds).toFixed(1).padStart(5);
      const each = (waited / steps).toFixed(2).padStart(6);
      console.log(
        `${name}, steps of ${step} ms, ${prefetch} ahead: waiting ${share} % of the time, ${each} ms a batch`,
      );
    }
  }
} else {
  parentPort?.postMessage(await work(workerData));
}
