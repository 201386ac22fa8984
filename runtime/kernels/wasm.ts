import { existsSync, readFileSync } from "node:fs";
import { internalError } from "../errors.js";
import type { AdaptiveKernels } from "./adaptive-kernels.js";
import type { FactoredMeansStep, FactoredStep } from "./gradient-kernels.js";
import { type Kernels, keepThreshold, type Penalty } from "./kernels.js";
import type { MomentKernels } from "./moment-kernels.js";
import { Instance, Module, type WasmMemory, type WasmModule } from "./web-assembly.js";

const penalties = { none: 0, L2: 1, L1: 2 } as const satisfies Record<Penalty, number>;

/** Reads and compiles the kernels that `npm run build` puts beside the compiled sources. */
export function compileKernels(): WasmModule {
  // From dist/runtime/kernels, and from runtime/kernels when a test imports the sources.
  const places = ["../../kernels.wasm", "../../dist/kernels.wasm"].map((path) => new URL(path, import.meta.url));
  const file = places.find((place) => existsSync(place));
  if (file === undefined) throw internalError(`kernels.wasm is not at ${places.map(String).join(" nor at ")}`);
  return new Module(readFileSync(file));
}

type Kernel = (...values: readonly number[]) => number;

/** Calls a kernel on arrays of one length, then its length and the numbers that it takes. */
type Call = (name: string, arrays: readonly Float32Array[], numbers: readonly number[]) => number;

/** The kernels on one shared memory: every array passed to them must be a view of it. */
export function wasmKernels(module: WasmModule, memory: WasmMemory): Kernels {
  const { exports } = new Instance(module, { env: { memory } });
  const kernel = (name: string): Kernel => {
    const found = exports[name];
    if (typeof found !== "function") throw internalError(`kernels.wasm has no function ${name}`);
    return found as Kernel;
  };
  const address = (array: Float32Array): number => {
    if (array.buffer !== memory.buffer) throw internalError("a kernel was given an array outside its memory");
    return array.byteOffset;
  };
  const call: Call = (name, arrays, numbers) => {
    const count = arrays[0]?.length ?? 0;
    const other = arrays.find(({ length }) => length !== count);
    if (other !== undefined) throw internalError(`a kernel was given ${count} and ${other.length} elements`);
    return kernel(name)(...arrays.map(address), count, ...numbers);
  };
  return {
    ...plainKernels(call),
    ...momentKernels(call),
    ...adaptiveKernels(call),
    ...factoredKernels(kernel, address),
  };
}

function plainKernels(call: Call) {
  return {
    scale: (out, values, weight) => void call("scale", [out, values], [weight]),
    accumulate: (out, values, weight) => void call("accumulate", [out, values], [weight]),
    sgd: (s) => void call("sgd", [s.weights, s.gradients], [s.rate, s.decay, penalties[s.penalty]]),
    sgdMomentum(s) {
      const numbers = [s.rate, s.decay, penalties[s.penalty], s.momentum, Number(s.nesterov)];
      call("sgdMomentum", [s.weights, s.gradients, s.history], numbers);
    },
    mask({ out, key, stream, rate }) {
      const threshold = keepThreshold(rate);
      // 2³² does not fit a word: nothing is dropped.
      if (threshold === 2 ** 32) out.fill(Math.fround(1 / (1 - rate)));
      else call("mask", [out], [key[0], key[1], stream, threshold, 1 / (1 - rate)]);
    },
    clip: (s) => void call("clip", [s.gradients], [s.scale, s.limit]),
    penalise: (s) => void call("penalise", [s.gradients, s.weights], [s.decay, Number(s.penalty === "L1")]),
    average: (out, values, momentum) => void call("average", [out, values], [momentum, 1 - momentum]),
    momentumOutside(s) {
      call("momentumOutside", [s.weights, s.gradients, s.history], [s.momentum, s.kept, s.rate, Number(s.nesterov)]);
    },
    sumOfSquares: (values) => call("sumOfSquares", [values], []),
  } satisfies Partial<Kernels>;
}

function momentKernels(call: Call): MomentKernels {
  const means = ({ beta1, beta2 }: { readonly beta1: number; readonly beta2: number }) =>
    [beta1, 1 - beta1, beta2, 1 - beta2] as const;
  return {
    adam: (s) =>
      void call("adam", [s.weights, s.gradients, s.mean, s.square], [...means(s), s.rate, s.scale, s.epsilon]),
    amsgrad(s) {
      const arrays = [s.weights, s.gradients, s.mean, s.square, s.largest];
      call("amsgrad", arrays, [...means(s), s.rate, s.scale, s.epsilon]);
    },
    adamax(s) {
      const numbers = [s.beta1, 1 - s.beta1, s.beta2, s.rate, s.inside, s.outside];
      call("adamax", [s.weights, s.gradients, s.mean, s.largest], numbers);
    },
    nadam(s) {
      const numbers = [...means(s), s.rateMean, s.rateGradient, s.scale, s.epsilon];
      call("nadam", [s.weights, s.gradients, s.mean, s.square], numbers);
    },
    lion: (s) => void call("lion", [s.weights, s.gradients, s.mean], [...means(s), s.rate]),
    lamb(s) {
      const numbers = [...means(s), s.correction, s.scale, s.epsilon, s.decay, s.rate];
      call("lamb", [s.weights, s.gradients, s.mean, s.square], numbers);
    },
    lambSquares(s) {
      const numbers = [...means(s), s.correction, s.scale, s.epsilon, s.decay, s.shrink, s.limit];
      return call("lambSquares", [s.weights, s.gradients, s.mean, s.square], numbers);
    },
  };
}

function adaptiveKernels(call: Call): AdaptiveKernels {
  return {
    adagrad: (s) => void call("adagrad", [s.weights, s.gradients, s.sum], [s.rate, s.inside, s.outside]),
    rmsprop: (s) => void call("rmsprop", [s.gradients, s.square], [s.rho, 1 - s.rho, s.inside, s.outside]),
    rmspropCentered: (s) =>
      void call("rmspropCentered", [s.gradients, s.square, s.mean], [s.rho, 1 - s.rho, s.inside, s.outside]),
    adadelta: (s) =>
      void call("adadelta", [s.weights, s.gradients, s.square, s.steps], [s.rho, 1 - s.rho, s.epsilon, s.rate]),
    ftrl: (s) => void call("ftrl", [s.weights, s.gradients, s.sum, s.linear], [s.rate, s.l1, s.l2, s.shrinkage]),
  };
}

/** Those whose arrays differ in length. */
function factoredKernels(kernel: (name: string) => Kernel, address: (array: Float32Array) => number) {
  const checked = ({ gradients, rowMeans, columnMeans, matrices, rows, columns }: FactoredStep) => {
    const fits = rowMeans.length === matrices * rows && columnMeans.length === matrices * columns;
    if (!fits || gradients.length !== matrices * rows * columns) {
      throw internalError(`${gradients.length} elements are not ${matrices} matrices of ${rows} × ${columns}`);
    }
    return [address(gradients), address(rowMeans), address(columnMeans), matrices, rows, columns];
  };
  const means = kernel("factoredMeans");
  const direction = kernel("factoredDirection");
  return {
    factoredMeans: (s: FactoredMeansStep) => void means(...checked(s), s.kept, 1 - s.kept, s.floor),
    factoredDirection: (s: FactoredStep) => void direction(...checked(s)),
  };
}
