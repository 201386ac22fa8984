// Training speed of LeNet (32 and 64 filters of 5×5, 512 units, batch 64) in samples a second: k = 1 and k = 2 workers,
// and PyTorch on one and two threads where a python3 with torch is found. The contestants take turns, round by round,
// so that what else the machine does falls on all of them; ratios of the medians are what counts.
//
//   npm run bench -- [--rounds 5] [--steps 40] [--python python3]
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  conv2d,
  dense,
  gradientsOf,
  input,
  label,
  maxPool2d,
  model,
  paramserv,
  relu,
  sgd,
  softmaxCrossEntropy,
} from "paramserv";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    steps: { type: "string", default: "40" },
    python: { type: "string", default: process.env.PYTHON ?? "python3" },
  },
});
const rounds = Number(values.rounds);
const steps = Number(values.steps);
const batchsize = 64;

const image = input("image", [1, 28, 28]);
const digit = label("digit", { classes: 10 });
const pool1 = maxPool2d(conv2d(image, { name: "conv1", filters: 32, kernel: 5, pad: 2 }), { kernel: 2, stride: 2 });
const pool2 = maxPool2d(conv2d(relu(pool1), { name: "conv2", filters: 64, kernel: 5, pad: 2 }), {
  kernel: 2,
  stride: 2,
});
const ip2 = dense(relu(dense(relu(pool2), { name: "ip1", units: 512 })), { name: "ip2", units: 10 });
const lenet = model({ name: "LeNet", inputs: [image], labels: [digit], loss: softmaxCrossEntropy(ip2, digit) });
const upd = gradientsOf(lenet);

const here = dirname(fileURLToPath(import.meta.url));

async function workers(k, threads) {
  const rows = batchsize * steps * k;
  const features = { shape: [rows, 1, 28, 28], data: Float32Array.from({ length: rows * 784 }, (_, i) => Math.sin(i)) };
  const labels = { shape: [rows], data: Int32Array.from({ length: rows }, (_, i) => (i * 7) % 10) };
  const { statistics } = await paramserv({
    model: lenet,
    features,
    labels,
    upd,
    agg: sgd({ learningRate: 0.01, momentum: 0.9 }),
    utype: "BSP",
    freq: "BATCH",
    epochs: 1,
    batchsize,
    k,
    threads,
  });
  return statistics.samples_per_second;
}

function torch(threads) {
  const run = spawnSync(values.python, [join(here, "lenet_torch.py"), String(threads), String(steps)], {
    encoding: "utf8",
  });
  if (run.status !== 0) return undefined;
  return JSON.parse(run.stdout).samples_per_second;
}

const contestants = {
  "k=1, 1 thread": () => workers(1, 1),
  "k=1, 2 threads": () => workers(1, 2),
  "k=2, 1 thread each": () => workers(2, 1),
};
if (torch(1) === undefined)
  console.log(`No torch in ${values.python}: its side is left out (--python FILE names another).`);
else Object.assign(contestants, { "PyTorch 1 thread": () => torch(1), "PyTorch 2 threads": () => torch(2) });

const results = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
for (let round = 0; round < rounds; round += 1) {
  for (const [name, run] of Object.entries(contestants)) results[name].push(await run());
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const medians = Object.fromEntries(Object.entries(results).map(([name, list]) => [name, median(list)]));
console.log(
  `LeNet 32/64/512, batch ${batchsize}, ${steps} steps, median of ${rounds} rounds, ${cpus()[0]?.model}, ${cpus().length} cores`,
);
for (const [name, list] of Object.entries(results)) {
  const range = `${Math.round(Math.min(...list))}–${Math.round(Math.max(...list))}`;
  console.log(`  ${name.padEnd(18)} ${Math.round(medians[name]).toString().padStart(6)} samples/s  (${range})`);
}
const ratio = (a, b) => `${a} over ${b}: ${(medians[a] / medians[b]).toFixed(2)}`;
const faster = (a, b) => (medians[a] > medians[b] ? a : b);
const oneWorker = faster("k=1, 1 thread", "k=1, 2 threads");
console.log(`  ${ratio("k=2, 1 thread each", "k=1, 1 thread")}`);
console.log(`  ${ratio("k=2, 1 thread each", oneWorker)}`);
if (medians["PyTorch 1 thread"] !== undefined) {
  console.log(`  ${ratio("k=1, 1 thread", "PyTorch 1 thread")}`);
  console.log(`  ${ratio("k=2, 1 thread each", faster("PyTorch 1 thread", "PyTorch 2 threads"))}`);
}
