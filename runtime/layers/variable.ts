import { constant, type Initializer, isInitializer, xavier } from "./initializers.js";
import { choice, type OptionsOf, optional, real, required, shape, withDefault } from "./options.js";
import { defineSource } from "./source.js";
import type { Tensor, VariableRole } from "./types.js";

const multiplier = real("a number ≥ 0", (value) => value >= 0);

const table = {
  shape: required(shape(0)),
  /** How it starts. Default `xavier()` for two axes and more, `constant(0)` for fewer. */
  initializer: optional<Initializer>({
    expected: "an initializer such as xavier() or constant(0)",
    parse: (value) => (isInitializer(value) ? value : undefined),
    print: (value) => value,
  }),
  /** How it changes: by gradients, not at all, or by what layers write. Default "trained". */
  role: withDefault<VariableRole>(choice(["trained", "frozen", "state"]), "trained"),
  /** Multiplier of the learning rate, ≥ 0. Default 1 (caffe.proto, ParamSpec.lr_mult). */
  lr: withDefault(multiplier, 1),
  /** Multiplier of the weight decay, ≥ 0. Default 1 (caffe.proto, ParamSpec.decay_mult). */
  decay: withDefault(multiplier, 1),
};

export type VariableOptions = Omit<OptionsOf<typeof table>, "name" | "shape">;

/** An array that outlives a step, as a tensor of its own. */
export const variableLayer = defineSource({
  type: "variable",
  options: table,
  output: ({ shape }) => ({ dtype: "float32", shape }),
  variable: ({ shape, initializer, role, lr, decay }) => ({
    shape,
    initializer: initializer ?? (shape.length >= 2 ? xavier() : constant()),
    role,
    lr,
    decay,
  }),
});

/**
 * A variable that layers take as an input or in the place of one of their own: the shared weights of siamese networks, tied
 * embeddings, frozen constants, running statistics that several layers write (role "state"). It has no batch axis.
 *
 * @param name unique in its network; what saved models call it
 * @param shape all of it; `[]` is one number
 * @example
 * const words = variable("words", [1000, 64]);
 * const left = embedding(a, { name: "left", rows: 1000, units: 64, weights: words });
 */
export function variable(name: string, shape: readonly number[], options: VariableOptions = {}): Tensor {
  return variableLayer.make({ ...options, name, shape });
}
