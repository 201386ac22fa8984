import type { NDArray } from "../array.js";
import { fill } from "../layers/fill.js";
import type { Variable, VariableRole } from "../layers/types.js";
import { sizeOf } from "../shape.js";
import type { VariableBuffer, VariableLayout } from "./types.js";

/** Floats on a 64-byte cache line: where variables start, so that threads that update neighbours share no line. */
export const alignment = 16;

/** The next multiple of {@link alignment}. */
export const aligned = (length: number): number => Math.ceil(length / alignment) * alignment;

/** The parts of the flat buffer, in order. */
const parts: readonly VariableRole[] = ["trained", "state", "frozen"];

/** Lays variables out by their roles, each on a cache line of its own, in the order given within a role. */
export function place(variables: readonly Variable[]): VariableBuffer {
  const placed: VariableLayout[] = [];
  const ends: number[] = [];
  let size = 0;
  for (const part of parts) {
    for (const variable of variables) {
      if (variable.role !== part) continue;
      const length = sizeOf(variable.shape);
      placed.push({ ...variable, offset: size, length });
      size += aligned(length);
    }
    ends.push(size);
  }
  const [trained = 0, pushed = 0] = ends;
  return { variables: placed, trained, pushed, size };
}

/** Which variables a training step changes. */
export interface Changing {
  /** Names of those that the losses depend on. */
  readonly trained: ReadonlySet<string>;
  /** Names of the states that layers write. */
  readonly written: ReadonlySet<string>;
}

/**
 * The variables of a network as one flat buffer. What a step does not change is frozen, whatever its role in the
 * network: a trained variable with `lr` 0 or that no loss depends on, a state that nobody writes. Only trained variables
 * have an `lr` other than 0.
 */
export function layoutOf(variables: readonly Variable[], { trained, written }: Changing): VariableBuffer {
  return place(
    variables.map(({ name, shape, role, initializer, lr, decay }): Variable => {
      const common = { name, shape, initializer, decay };
      if (role === "trained" && lr !== 0 && trained.has(name)) return { ...common, role, lr };
      return { ...common, role: role === "state" && written.has(name) ? role : "frozen", lr: 0 };
    }),
  );
}

/**
 * The variables that training starts from, flat, in the program's layout. Each has a stream of random numbers of its own,
 * named by the seed and the variable.
 *
 * @param seed a whole number from 0 to 2⁵³ − 1
 */
export function initialWeights({ variables, size }: Pick<VariableBuffer, "variables" | "size">, seed: number) {
  const weights = new Float32Array(size);
  for (const variable of variables) {
    fill(weights.subarray(variable.offset, variable.offset + variable.length), variable, seed);
  }
  return weights;
}

/** An array by its variable's name. */
export type NamedArrays = Readonly<Record<string, NDArray<Float32Array>>>;

/** The variables of a flat buffer by name, as views of it. */
export function viewsByName({ variables }: Pick<VariableBuffer, "variables">, flat: Float32Array): NamedArrays {
  return Object.fromEntries(
    variables.map(({ name, shape, offset, length }) => [name, { shape, data: flat.subarray(offset, offset + length) }]),
  );
}
