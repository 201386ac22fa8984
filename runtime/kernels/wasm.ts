import { existsSync, readFileSync } from "node:fs";
import { internalError } from "../errors.js";
import {
  type Kernels,
  keepThreshold,
  type MaskFill,
  type MomentumStep,
  type Penalty,
  type SgdStep,
} from "./kernels.js";
import { Instance, Module, type WasmMemory, type WasmModule } from "./web-assembly.js";

type Kernel = (...values: readonly number[]) => void;

const penalties = { none: 0, L2: 1, L1: 2 } as const satisfies Record<Penalty, number>;

/** Reads and compiles the kernels that `npm run build` puts beside the compiled sources. */
export function compileKernels(): WasmModule {
  // From dist/runtime/kernels, and from runtime/kernels when a test imports the sources.
  const places = ["../../kernels.wasm", "../../dist/kernels.wasm"].map((path) => new URL(path, import.meta.url));
  const file = places.find((place) => existsSync(place));
  if (file === undefined) throw internalError(`kernels.wasm is not at ${places.map(String).join(" nor at ")}`);
  return new Module(readFileSync(file));
}

/** The kernels on one shared memory: every array passed to them must be a view of it. */
export function wasmKernels(module: WasmModule, memory: WasmMemory): Kernels {
  const { exports } = new Instance(module, { env: { memory } });
  const kernel = (name: string): Kernel => {
    const found = exports[name];
    if (typeof found !== "function") throw internalError(`kernels.wasm has no function ${name}`);
    return found as Kernel;
  };
  const address = (array: Float32Array, count: number): number => {
    if (array.buffer !== memory.buffer) throw internalError("a kernel was given an array outside its memory");
    if (array.length !== count) throw internalError(`a kernel was given ${array.length} and ${count} elements`);
    return array.byteOffset;
  };
  return bind(kernel, address);
}

function bind(kernel: (name: string) => Kernel, address: (array: Float32Array, count: number) => number): Kernels {
  const scale = kernel("scale");
  const accumulate = kernel("accumulate");
  const sgd = kernel("sgd");
  const sgdMomentum = kernel("sgdMomentum");
  const mask = kernel("mask");
  return {
    scale: (out, values, weight) => scale(address(out, out.length), address(values, out.length), out.length, weight),
    accumulate: (out, values, weight) =>
      accumulate(address(out, out.length), address(values, out.length), out.length, weight),
    sgd({ weights, gradients, rate, decay, penalty }: SgdStep) {
      const count = weights.length;
      sgd(address(weights, count), address(gradients, count), count, rate, decay, penalties[penalty]);
    },
    sgdMomentum({ weights, gradients, history, rate, decay, penalty, momentum, nesterov }: MomentumStep) {
      const count = weights.length;
      const [w, g, h] = [address(weights, count), address(gradients, count), address(history, count)];
      sgdMomentum(w, g, h, count, rate, decay, penalties[penalty], momentum, Number(nesterov));
    },
    mask({ out, key, stream, rate }: MaskFill) {
      const threshold = keepThreshold(rate);
      // 2³² does not fit a word: nothing is dropped.
      if (threshold === 2 ** 32) out.fill(Math.fround(1 / (1 - rate)));
      else mask(address(out, out.length), out.length, key[0], key[1], stream, threshold, 1 / (1 - rate));
    },
  };
}
