// How fast the kernels of optimizers are: `npm run bench:optimizers`. For each kernel the time of a chunk of 16,384 floats
// in WebAssembly SIMD, how much faster that is than plain JavaScript (the reference), and
// its share of the speed of copying as many bytes. Figures are ratios of one run on one core, each of the fastest of several rounds.

import { performance } from "node:perf_hooks";
import { reference } from "../dist/runtime/kernels/reference.js";
import { compileKernels, wasmKernels } from "../dist/runtime/kernels/wasm.js";
import { sharedMemory } from "../dist/runtime/kernels/web-assembly.js";
import { chunkLength } from "../dist/runtime/optimizers/plan.js";

const count = chunkLength;
const memory = sharedMemory(4 * count * 8);
const simd = wasmKernels(compileKernels(), memory);
const shared = Array.from({ length: 6 }, (_, index) => new Float32Array(memory.buffer, 4 * count * index, count));
const plain = shared.map(() => new Float32Array(count));

/** Fresh numbers: weights, gradients, then slots that are above 0. */
function fill(arrays) {
  for (const [index, array] of arrays.entries()) {
    for (let i = 0; i < count; i++) array[i] = index < 2 ? Math.sin(i + index) : 0.1 + Math.abs(Math.cos(i + index));
  }
}

const beta = { beta1: 0.9, beta2: 0.999 };
const corrected = { ...beta, scale: 1.5, epsilon: 1e-8 };
const rms = { rho: 0.99, inside: 0, outside: 1e-8 };
const sgd = { rate: 1e-6, decay: 1e-4, penalty: "L2" };
const [rows, columns] = [128, 128];

/** Each kernel: what it is called with, and how many floats it reads and writes for one element. */
const cases = {
  accumulate: [3, (k, [w, g]) => k.accumulate(w, g, 1e-6)],
  clip: [2, (k, [, g]) => k.clip({ gradients: g, scale: 0.99999, limit: 1 })],
  penalise: [3, (k, [w, g]) => k.penalise({ weights: w, gradients: g, decay: 1e-6, penalty: "L2" })],
  average: [3, (k, [w, , m]) => k.average(m, w, 0.99)],
  sumOfSquares: [1, (k, [w]) => k.sumOfSquares(w)],
  sgd: [3, (k, [weights, gradients]) => k.sgd({ weights, gradients, ...sgd })],
  sgdMomentum: [
    5,
    (k, [weights, gradients, history]) =>
      k.sgdMomentum({ weights, gradients, history, ...sgd, momentum: 0.9, nesterov: true }),
  ],
  momentumOutside: [
    5,
    (k, [weights, gradients, history]) =>
      k.momentumOutside({ weights, gradients, history, rate: 1e-6, momentum: 0.9, kept: 1, nesterov: true }),
  ],
  adam: [
    7,
    (k, [weights, gradients, mean, square]) => k.adam({ weights, gradients, mean, square, ...corrected, rate: 1e-6 }),
  ],
  amsgrad: [
    9,
    (k, [weights, gradients, mean, square, largest]) =>
      k.amsgrad({ weights, gradients, mean, square, largest, ...corrected, rate: 1e-6 }),
  ],
  adamax: [
    7,
    (k, [weights, gradients, mean, largest]) =>
      k.adamax({ weights, gradients, mean, largest, ...beta, rate: 1e-6, inside: 1e-8, outside: 0 }),
  ],
  nadam: [
    7,
    (k, [weights, gradients, mean, square]) =>
      k.nadam({ weights, gradients, mean, square, ...corrected, rateMean: 1e-6, rateGradient: 1e-7 }),
  ],
  lion: [5, (k, [weights, gradients, mean]) => k.lion({ weights, gradients, mean, ...beta, rate: 1e-6 })],
  lamb: [
    7,
    (k, [weights, gradients, mean, square]) =>
      k.lamb({ weights, gradients, mean, square, ...corrected, correction: 1.1, decay: 0.01, rate: 1e-6 }),
  ],
  lambSquares: [
    4,
    (k, [weights, gradients, mean, square]) =>
      k.lambSquares({
        weights,
        gradients,
        mean,
        square,
        ...corrected,
        correction: 1,
        decay: 0.01,
        shrink: 1,
        limit: 9,
      }),
  ],
  adagrad: [
    5,
    (k, [weights, gradients, sum]) => k.adagrad({ weights, gradients, sum, rate: 1e-6, inside: 0, outside: 1e-8 }),
  ],
  rmsprop: [4, (k, [, gradients, square]) => k.rmsprop({ gradients, square, ...rms })],
  rmspropCentered: [6, (k, [, gradients, square, mean]) => k.rmspropCentered({ gradients, square, mean, ...rms })],
  adadelta: [
    7,
    (k, [weights, gradients, square, steps]) =>
      k.adadelta({ weights, gradients, square, steps, rho: 0.9, epsilon: 1e-6, rate: 1e-3 }),
  ],
  ftrl: [
    7,
    (k, [weights, gradients, sum, linear]) =>
      k.ftrl({ weights, gradients, sum, linear, rate: 0.01, l1: 0.01, l2: 0.01, shrinkage: 0 }),
  ],
  factoredMeans: [
    2,
    (k, [, gradients, r, c]) => k.factoredMeans({ ...factored(gradients, r, c), kept: 0.9, floor: 1e-30 }),
  ],
  factoredDirection: [2, (k, [, gradients, r, c]) => k.factoredDirection(factored(gradients, r, c))],
};

function factored(gradients, r, c) {
  return { gradients, rowMeans: r.subarray(0, rows), columnMeans: c.subarray(0, columns), matrices: 1, rows, columns };
}

/** Least seconds of one call: others may use the machine. The first rounds also let the engine compile; directions overwrite gradients, so arrays are filled anew for each round. */
function measure(run, arrays, calls) {
  const times = [];
  for (let round = 0; round < 9; round++) {
    fill(arrays);
    const from = performance.now();
    for (let call = 0; call < calls; call++) run(arrays);
    times.push((performance.now() - from) / 1000 / calls);
  }
  return Math.min(...times);
}

const copy = measure(([a, b]) => b.set(a), shared, 2000);
const bytesPerSecond = (8 * count) / copy;
console.log(
  `copying ${count} floats: ${(bytesPerSecond / 1e9).toFixed(1)} GB/s read and written; Node ${process.version}`,
);
console.log("kernel              µs a chunk   × plain JavaScript   share of copying speed   target");
let missed = 0;
for (const [name, [floats, use]] of Object.entries(cases)) {
  const fast = measure((arrays) => use(simd, arrays), shared, 1000);
  const slow = measure((arrays) => use(reference, arrays), plain, 40);
  const [times, share] = [slow / fast, (4 * floats * count) / fast / bytesPerSecond];
  const reached = times >= 5 || share >= 0.5;
  missed += reached ? 0 : 1;
  const cells = [(fast * 1e6).toFixed(1).padStart(10), times.toFixed(1).padStart(20), share.toFixed(2).padStart(24)];
  console.log(`${name.padEnd(20)}${cells.join("")}   ${reached ? "reached" : "missed"}`);
}
console.log(`target (5 × plain JavaScript, or half the speed of copying): missed by ${missed}`);
