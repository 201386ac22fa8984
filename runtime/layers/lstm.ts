import type { Value } from "../graph/types.js";
import { type Cell, gatesOf, stateProduct } from "./cell.js";
import { defineLayer } from "./define-layer.js";
import type { NamedOptionsOf } from "./options.js";
import { recurrence, recurrentOptions, sequences } from "./recurrence.js";
import { tensorOption } from "./tensor-option.js";
import type { Tensor } from "./types.js";

const table = {
  ...recurrentOptions,
  /** The cell before the first step, `[units]`. Default zeros. */
  initialCell: tensorOption(),
};

export type LstmOptions = NamedOptionsOf<typeof table>;

const memory: Cell<readonly ["state", "cell"]> = {
  states: ["state", "cell"],
  gates: 4,
  step: (step) => {
    const { g, input, states } = step;
    const [h, c] = states;
    const [enter, forget, content, leave] = gatesOf(g, g.op("Add", [input, stateProduct(step, h)]), 4);
    const kept = g.op("Mul", [g.op("Sigmoid", [forget]), c]);
    const added = g.op("Mul", [g.op("Sigmoid", [enter]), g.op("Tanh", [content])]);
    const cell = g.op("Add", [kept, added]);
    return [g.op("Mul", [g.op("Sigmoid", [leave]), g.op("Tanh", [cell])]), cell];
  },
};

/** i = σ(·), f = σ(·), g = tanh(·), o = σ(·) of W·x + b + V·h; c' = f ⊙ c + i ⊙ g, h' = o ⊙ tanh(c') */
export const lstmLayer = defineLayer({
  type: "lstm",
  inputs: ["x: float"],
  samples: { x: sequences },
  options: table,
  needsName: true,
  givesList: true,
  lower: (l, { x }, options): readonly Value[] =>
    recurrence(l, x, memory, options, [options.initialState, options.initialCell]),
});

/**
 * Long short-term memory over `[T, features]`, T known or not (Hochreiter and Schmidhuber 1997, with forget gates). Gives its
 * output, `[units]` or with `returnSequences` `[T, units]`, the last state and the last cell `[units]`. Variables are those
 * of PyTorch's LSTM, gates in the order input, forget, cell, output: `weight_ih` `[4 · units, features]`, `weight_hh`
 * `[4 · units, units]` and one bias, `bias_ih` `[4 · units]`.
 *
 * @example const [last, state, cell] = lstm(words, { name: "lstm1", units: 64 });
 */
export function lstm(x: Tensor, options: LstmOptions): readonly [output: Tensor, state: Tensor, cell: Tensor] {
  const [output, state, cell] = lstmLayer.makeAll([x], options) as readonly [Tensor, Tensor, Tensor];
  return [output, state, cell];
}
