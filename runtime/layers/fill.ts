import { CompileError } from "../errors.js";
import { polarScale, type Random, random } from "../random.js";
import { sizeOf } from "../shape.js";
import { type Initializer, type InitializerType, initializerOption } from "./initializers.js";
import type { Variable } from "./types.js";

/** Fans as BVLC/caffe include/caffe/filler.hpp: count/shape[0] in, count/shape[1] out (count itself for a vector). */
export function fanOf(shape: readonly number[], fan: number | string): number {
  const count = sizeOf(shape);
  const fanIn = count / (shape[0] ?? 1);
  const fanOut = count / (shape[1] ?? 1);
  if (fan === "out") return fanOut;
  return fan === "average" ? (fanIn + fanOut) / 2 : fanIn;
}

/** How many numbers are drawn at once; even, since normal numbers take two. */
const blockSize = 4096;

/** Writes low + range · u, with u uniform in [0, 1), or in [−1, 1) where `signed`. */
function fillUniform(target: Float32Array, stream: Random, low: number, range: number, signed: boolean): void {
  const [gain, shift] = signed ? [2, 1] : [1, 0];
  const block = new Uint32Array(blockSize);
  for (let start = 0; start < target.length; start += blockSize) {
    stream.fill(block);
    const length = Math.min(blockSize, target.length - start);
    for (let i = 0; i < length; i += 1) target[start + i] = low + range * (gain * ((block[i] ?? 0) / 2 ** 32) - shift);
  }
}

/** Writes mean + std · z, with z normal: the numbers that `normal()` of the stream would give. */
function fillNormal(target: Float32Array, stream: Random, mean: number, std: number): void {
  const block = new Uint32Array(blockSize);
  let next = blockSize;
  for (let i = 0; i < target.length; next += 2) {
    if (next === blockSize) {
      stream.fill(block);
      next = 0;
    }
    const x = 2 * ((block[next] ?? 0) / 2 ** 32) - 1;
    const y = 2 * ((block[next + 1] ?? 0) / 2 ** 32) - 1;
    const scale = polarScale(x * x + y * y);
    if (scale === 0) continue;
    target[i] = mean + std * (x * scale);
    if (i + 1 < target.length) target[i + 1] = mean + std * (y * scale);
    i += 2;
  }
}

const number = (initializer: Initializer, key: string): number => Number(initializerOption(initializer, key));

const fanFor = (initializer: Initializer, shape: readonly number[]): number =>
  fanOf(shape, initializerOption(initializer, "fan"));

type Fill = (target: Float32Array, stream: Random, initializer: Initializer, shape: readonly number[]) => void;

/** How each initializer draws its entries, in order. */
const fills: Readonly<Record<InitializerType, Fill>> = {
  constant: (target, _stream, initializer) => {
    target.fill(number(initializer, "value"));
  },
  uniform: (target, stream, initializer) => {
    const min = number(initializer, "min");
    fillUniform(target, stream, min, number(initializer, "max") - min, false);
  },
  gaussian: (target, stream, initializer) => {
    fillNormal(target, stream, number(initializer, "mean"), number(initializer, "std"));
  },
  xavier: (target, stream, initializer, shape) => {
    fillUniform(target, stream, 0, Math.sqrt(3 / fanFor(initializer, shape)), true);
  },
  msra: (target, stream, initializer, shape) => {
    fillNormal(target, stream, 0, Math.sqrt(2 / fanFor(initializer, shape)));
  },
};

/**
 * Writes a variable's initial values. The stream is named by the seed and the variable, so adding a layer does not change
 * how the others start.
 *
 * @param target as long as the variable has entries
 */
export function fill(
  target: Float32Array,
  variable: Pick<Variable, "name" | "shape" | "initializer">,
  seed: number,
): void {
  const { name, shape, initializer } = variable;
  if (!Object.hasOwn(fills, initializer.type)) {
    throw new CompileError({
      code: "LAYER_OPTION_INVALID",
      message: `parameter "${name}" has the initializer type "${initializer.type}", expected one of ${Object.keys(fills).join(", ")}`,
    });
  }
  // The label of the stream is part of what a seed means.
  fills[initializer.type as InitializerType](target, random(seed, "parameter", name), initializer, shape);
}
