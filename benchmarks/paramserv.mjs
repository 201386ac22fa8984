// What k = 2 workers gain over k = 1, where their time goes, and what an update costs by itself: models whose step, whose
// update and whose messages take the most time, under BSP, ASP and HOGWILD. The contestants take turns, round by round, so
// that what else the machine does falls on all of them; medians are compared, and only ratios of one run mean something.
//
//   npm run bench:paramserv -- [--rounds 3] [--only lenet,wide,small,tiny]
import { availableParallelism, loadavg } from "node:os";
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
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "lenet,wide,small,tiny" },
  },
});
const rounds = Number(values.rounds);

/** A network with one dense layer after another, rectified in between. */
function mlp(name, [width, ...units]) {
  const x = input("x", [width]);
  const y = label("y", { classes: units.at(-1) });
  let last = x;
  for (const [index, count] of units.entries()) {
    last = dense(index === 0 ? last : relu(last), { name: `ip${index + 1}`, units: count });
  }
  return model({ name, inputs: [x], labels: [y], loss: softmaxCrossEntropy(last, y) });
}

/** Convolutions and pools as Caffe's LeNet has them, with so many filters and units. */
function convolutions(name, side, [first, second, units]) {
  const image = input("x", [1, side, side]);
  const y = label("y", { classes: 10 });
  const pool = { kernel: 2, stride: 2 };
  const pool1 = maxPool2d(conv2d(image, { name: "conv1", filters: first, kernel: 5, pad: 2 }), pool);
  const pool2 = maxPool2d(conv2d(pool1, { name: "conv2", filters: second, kernel: 5, pad: 2 }), pool);
  const ip2 = dense(relu(dense(pool2, { name: "ip1", units })), { name: "ip2", units: 10 });
  return model({ name, inputs: [image], labels: [y], loss: softmaxCrossEntropy(ip2, y) });
}

/** Models with the shape of a row, rows of a batch and batches of a run, all workers together. */
const cases = {
  lenet: { net: convolutions("LeNet", 28, [20, 50, 500]), shape: [1, 28, 28], classes: 10, batchsize: 64, batches: 40 },
  wide: { net: mlp("Wide", [2048, 3072, 1024, 512, 10]), shape: [2048], classes: 10, batchsize: 8, batches: 40 },
  small: { net: convolutions("Small", 8, [4, 8, 32]), shape: [1, 8, 8], classes: 10, batchsize: 16, batches: 2000 },
  tiny: { net: mlp("Tiny", [4, 2]), shape: [4], classes: 2, batchsize: 1, batches: 8000 },
};

function data({ shape, classes, batchsize, batches }) {
  const rows = batchsize * batches;
  const size = shape.reduce((product, length) => product * length, 1);
  return {
    features: { shape: [rows, ...shape], data: Float32Array.from({ length: rows * size }, (_, i) => Math.sin(i)) },
    labels: { shape: [rows], data: Int32Array.from({ length: rows }, (_, i) => (i * 7) % classes) },
  };
}

async function run({ net, batchsize }, rows, utype, k) {
  const options = { upd: gradientsOf(net), agg: sgd({ learningRate: 1e-4, momentum: 0.9 }), utype, freq: "BATCH" };
  const { statistics } = await paramserv({ model: net, ...rows, ...options, epochs: 1, batchsize, k, threads: 1 });
  return statistics;
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const activities = ["load", "pull", "compute", "push", "update", "wait"];

/** Percent of the workers' time by activity. */
function shares(all) {
  const seconds = activities.map((name) => median(all.map((one) => one[`${name}_seconds`])));
  const total = seconds.reduce((sum, each) => sum + each, 0);
  return activities.map((name, at) => `${name} ${((100 * seconds[at]) / total).toFixed(0)}`).join(", ");
}

/** Microseconds of a worker between two of its updates that are not its engine's. */
const beside = ({ workers, samples, samples_per_second, pushes, compute_seconds }) =>
  (1e6 * ((workers * samples) / samples_per_second - compute_seconds)) / pushes;

const load = () => loadavg()[0]?.toFixed(1);
console.log(`${availableParallelism()} cores, Node ${process.versions.node}, load ${load()}, ${rounds} rounds`);
for (const name of values.only.split(",")) {
  const one = cases[name];
  if (one === undefined) throw new Error(`--only: there is no ${name}; expected ${Object.keys(cases).join(", ")}`);
  const rows = data(one);
  const results = Object.fromEntries(["BSP", "ASP", "HOGWILD"].map((utype) => [utype, { 1: [], 2: [] }]));
  for (let round = 0; round < rounds; round++) {
    for (const [utype, byK] of Object.entries(results)) {
      for (const k of [1, 2]) byK[k].push(await run(one, rows, utype, k));
    }
  }
  const parameters = one.net.variables.reduce(
    (sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1),
    0,
  );
  console.log(`\n${name}: ${parameters} parameters, batches of ${one.batchsize}, load ${load()}`);
  for (const [utype, byK] of Object.entries(results)) {
    const [single, double] = [1, 2].map((k) => median(byK[k].map((each) => each.samples_per_second)));
    console.log(`${utype.padEnd(8)} k = 2 over k = 1: ${(double / single).toFixed(2)}`);
    for (const k of [1, 2]) {
      const cost = median(byK[k].map(beside)).toFixed(0);
      console.log(`  k = ${k}: ${cost} µs a push beside the engine; time in %: ${shares(byK[k])}`);
    }
  }
}
