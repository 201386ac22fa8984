import { fill } from "../layers/fill.js";
import type { Parameter } from "../layers/types.js";
import { sizeOf } from "../shape.js";
import type { ParameterLayout, TrainingProgram } from "./types.js";

/** Floats on a 64-byte cache line: where parameters start, so that threads that update neighbours share no line. */
export const alignment = 16;

/** The next multiple of {@link alignment}. */
export const aligned = (length: number): number => Math.ceil(length / alignment) * alignment;

/** Where arrays lie in one flat buffer, one after the other, each on a cache line of its own; in floats. */
export interface Placed<T> {
  readonly parameters: readonly (T & { readonly offset: number; readonly length: number })[];
  /** Length of the flat buffer in floats, padding included. */
  readonly size: number;
}

export function place<T extends { readonly shape: readonly number[] }>(arrays: readonly T[]): Placed<T> {
  let size = 0;
  const parameters = arrays.map((array) => {
    const length = sizeOf(array.shape);
    const offset = size;
    size += aligned(length);
    return { ...array, offset, length };
  });
  return { parameters, size };
}

export interface Layout {
  readonly parameters: readonly ParameterLayout[];
  readonly size: number;
}

/**
 * Lays parameters out one after the other, each on a cache line of its own.
 *
 * @param trained names of those that the loss depends on; the others get `lr` 0, so that neither gradients nor weight
 *   decay touch them
 */
export function layoutOf(parameters: readonly Parameter[], trained: ReadonlySet<string>): Layout {
  return place(
    parameters.map(({ name, shape, lr, decay, initializer }) => {
      return { name, shape, lr: trained.has(name) ? lr : 0, decay, initializer };
    }),
  );
}

/**
 * The weights that training starts from, flat, in the program's layout. Each parameter has a stream of random numbers
 * of its own, named by the seed and the parameter.
 *
 * @param seed a whole number from 0 to 2⁵³ − 1
 */
export function initialWeights(program: Pick<TrainingProgram, "parameters" | "size">, seed: number): Float32Array {
  const weights = new Float32Array(program.size);
  for (const parameter of program.parameters) {
    fill(weights.subarray(parameter.offset, parameter.offset + parameter.length), parameter, seed);
  }
  return weights;
}
