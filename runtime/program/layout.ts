import { fill } from "../layers/fill.js";
import { sizeOf } from "../layers/plain.js";
import type { Parameter } from "../layers/types.js";
import type { ParameterLayout, TrainingProgram } from "./types.js";

/** Floats on a 64-byte cache line: where parameters start, so that threads that update neighbours share no line. */
const alignment = 16;

const aligned = (length: number): number => Math.ceil(length / alignment) * alignment;

export interface Layout {
  readonly parameters: readonly ParameterLayout[];
  /** Length of the flat buffer in floats, padding included. */
  readonly size: number;
}

/**
 * Lays parameters out one after the other, each on a cache line of its own.
 *
 * @param trained names of those that the loss depends on; the others get `lr` 0, so that neither gradients nor weight
 *   decay touch them
 */
export function layoutOf(parameters: readonly Parameter[], trained: ReadonlySet<string>): Layout {
  let offset = 0;
  const placed = parameters.map(({ name, shape, lr, decay, initializer }): ParameterLayout => {
    const length = sizeOf(shape);
    const at = offset;
    offset += aligned(length);
    return { name, shape, offset: at, length, lr: trained.has(name) ? lr : 0, decay, initializer };
  });
  return { parameters: placed, size: offset };
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
