import type { Value } from "../graph/types.js";
import { type Cell, stateProduct } from "./cell.js";
import { defineLayer } from "./define-layer.js";
import { choice, type NamedOptionsOf, withDefault } from "./options.js";
import { recurrence, recurrentOptions, sequences } from "./recurrence.js";
import type { Tensor } from "./types.js";

const table = {
  ...recurrentOptions,
  /** Default "tanh"; "relu" is max(·, 0) (PyTorch, RNN.nonlinearity). */
  activation: withDefault<"tanh" | "relu">(choice(["tanh", "relu"]), "tanh"),
};

export type SimpleRnnOptions = NamedOptionsOf<typeof table>;

const cell = (activation: "tanh" | "relu"): Cell<readonly ["state"]> => ({
  states: ["state"],
  gates: 1,
  step: (step) => {
    const { g, input } = step;
    const [h] = step.states;
    const sum = g.op("Add", [input, stateProduct(step, h)]);
    return [activation === "tanh" ? g.op("Tanh", [sum]) : g.op("Relu", [sum])];
  },
});

/** h' = tanh(W·x + b + V·h) */
export const simpleRnnLayer = defineLayer({
  type: "simpleRnn",
  inputs: ["x: float"],
  samples: { x: sequences },
  options: table,
  needsName: true,
  givesList: true,
  lower: (l, { x }, options): readonly Value[] =>
    recurrence(l, x, cell(options.activation), options, [options.initialState]),
});

/**
 * A simple recurrent layer over `[T, features]`, T known or not: h' = tanh(W·x + b + V·h). Gives its output, `[units]` or
 * with `returnSequences` `[T, units]`, and the last state `[units]`. Variables are those of PyTorch's RNN: `weight_ih`
 * `[units, features]`, `weight_hh` `[units, units]` and one bias, `bias_ih` `[units]`.
 *
 * @example const [last] = simpleRnn(words, { name: "rnn1", units: 64 });
 */
export function simpleRnn(x: Tensor, options: SimpleRnnOptions): readonly [output: Tensor, state: Tensor] {
  const [output, state] = simpleRnnLayer.makeAll([x], options) as readonly [Tensor, Tensor];
  return [output, state];
}
