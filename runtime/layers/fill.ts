import { CompileError } from "../errors.js";
import { type Random, random } from "../random.js";
import { sizeOf } from "../shape.js";
import { type Initializer, type InitializerType, initializerOption } from "./initializers.js";

/** Fans as BVLC/caffe include/caffe/filler.hpp: count/shape[0] in, count/shape[1] out (count itself for a vector). */
export function fanOf(shape: readonly number[], fan: number | string): number {
  const count = sizeOf(shape);
  const fanIn = count / (shape[0] ?? 1);
  const fanOut = count / (shape[1] ?? 1);
  if (fan === "out") return fanOut;
  return fan === "average" ? (fanIn + fanOut) / 2 : fanIn;
}

type Draw = (stream: Random, shape: readonly number[], initializer: Initializer) => () => number;

const number = (initializer: Initializer, key: string): number => Number(initializerOption(initializer, key));

/** How each initializer draws one entry. */
const draws: Readonly<Record<InitializerType, Draw>> = {
  constant: (_stream, _shape, initializer) => {
    const value = number(initializer, "value");
    return () => value;
  },
  uniform: (stream, _shape, initializer) => {
    const min = number(initializer, "min");
    const range = number(initializer, "max") - min;
    return () => min + range * stream.uniform();
  },
  gaussian: (stream, _shape, initializer) => {
    const mean = number(initializer, "mean");
    const std = number(initializer, "std");
    return () => mean + std * stream.normal();
  },
  xavier: (stream, shape, initializer) => {
    const scale = Math.sqrt(3 / fanOf(shape, initializerOption(initializer, "fan")));
    return () => scale * (2 * stream.uniform() - 1);
  },
  msra: (stream, shape, initializer) => {
    const std = Math.sqrt(2 / fanOf(shape, initializerOption(initializer, "fan")));
    return () => std * stream.normal();
  },
};

/**
 * Writes a parameter's initial values. The stream is named by the seed and the parameter, so adding a layer does not
 * change how the others start.
 *
 * @param target as long as the parameter has entries
 */
export function fill(
  target: Float32Array,
  parameter: { readonly name: string; readonly shape: readonly number[]; readonly initializer: Initializer },
  seed: number,
): void {
  const { name, shape, initializer } = parameter;
  if (!Object.hasOwn(draws, initializer.type)) {
    throw new CompileError({
      code: "LAYER_OPTION_INVALID",
      message: `parameter "${name}" has the initializer type "${initializer.type}", expected one of ${Object.keys(draws).join(", ")}`,
    });
  }
  const draw = draws[initializer.type as InitializerType](random(seed, "parameter", name), shape, initializer);
  for (let i = 0; i < target.length; i += 1) target[i] = draw();
}
