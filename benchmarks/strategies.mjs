// Accuracy and time of each strategy × frequency × optimizer on the handwritten digits (fixtures/data/digits.npz): a network
// of one hidden layer, two workers, a fifth of the rows for validation. The rates are those below, one an optimizer and
// frequency; with EPOCH workers push models (modelAvg) where the strategy averages. Prints a Markdown table.
//
//   npm run build && node benchmarks/strategies.mjs [--epochs 30] [--seed 1]
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import {
  accuracy,
  adam,
  dataShapes,
  dense,
  gradientsOf,
  input,
  label,
  model,
  paramserv,
  prepareDataset,
  readDataset,
  relu,
  sgd,
  softmaxCrossEntropy,
  splitDataset,
} from "paramserv";

const { values } = parseArgs({
  options: { epochs: { type: "string", default: "30" }, seed: { type: "string", default: "1" } },
});
const [epochs, seed] = [Number(values.epochs), Number(values.seed)];

const pixels = input("pixels", [64]);
const digit = label("digit", { classes: 10 });
const scores = dense(relu(dense(pixels, { name: "hidden", units: 128 })), { name: "scores", units: 10 });
const net = model({
  name: "Digits",
  inputs: [pixels],
  labels: [digit],
  loss: softmaxCrossEntropy(scores, digit),
  metrics: { accuracy: accuracy(scores, digit) },
});
const upd = gradientsOf(net);
const shapes = dataShapes(upd.program);
const file = new URL("../fixtures/data/digits.npz", import.meta.url).pathname;
const rows = await prepareDataset(await readDataset(file, { shapes }), { ...shapes, scale: 1 / 16 });
const { train, validation } = splitDataset(rows, { validation: 0.2, seed });

const optimizers = {
  sgd: (rate) => sgd({ learningRate: 0.05 * rate, momentum: 0.9 }),
  adam: (rate) => adam({ learningRate: 0.002 * rate }),
};
/** Options of a frequency, and what it multiplies rates by. */
const frequencies = {
  BATCH: { options: { freq: "BATCH" }, rate: 1 },
  "NBATCHES 4": { options: { freq: "NBATCHES", nbatches: 4 }, rate: 0.5 },
  EPOCH: { options: { freq: "EPOCH" }, rate: 0.1 },
};
const averages = new Set(["BSP", "SBP"]);

console.log(`Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)}, ${epochs} epochs, seed ${seed}\n`);
console.log("| strategy | frequency | optimizer | accuracy | seconds | updates |\n|---|---|---|--:|--:|--:|");
for (const utype of ["BSP", "SBP", "ASP", "SSP", "HOGWILD"]) {
  for (const [frequency, { options, rate }] of Object.entries(frequencies)) {
    for (const [name, make] of Object.entries(optimizers)) {
      const modelAvg = frequency === "EPOCH" && averages.has(utype);
      const result = await paramserv({
        ...{ model: net, features: train.features, labels: train.labels, upd, agg: make(modelAvg ? 1 : rate) },
        ...{ val_features: validation.features, val_labels: validation.labels },
        ...{ utype, ...options, modelAvg, epochs, seed, batchsize: 16, k: 2, threads: 1 },
        ...{ scheme: "DISJOINT_RANDOM", reshuffle: true },
      });
      const reached = result.epochs.at(-1)?.validation?.accuracy.toFixed(4);
      const { seconds, setup_seconds, updates } = result.statistics;
      const took = (seconds - setup_seconds).toFixed(2);
      console.log(
        `| ${utype} | ${frequency}${modelAvg ? ", modelAvg" : ""} | ${name} | ${reached} | ${took} | ${updates} |`,
      );
    }
  }
}
