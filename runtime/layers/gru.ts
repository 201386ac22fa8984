import type { Value } from "../graph/types.js";
import { type Cell, gatesOf, type Step, stateProduct } from "./cell.js";
import { defineLayer } from "./define-layer.js";
import { flag, type NamedOptionsOf, withDefault } from "./options.js";
import { recurrence, recurrentOptions, sequences } from "./recurrence.js";
import type { Tensor } from "./types.js";

const table = {
  ...recurrentOptions,
  /**
   * Whether the reset gate acts on the product of the state (PyTorch; Keras' `reset_after`, ONNX's `linear_before_reset`) or
   * on the state before it (Cho et al. 2014). Default true.
   */
  resetAfter: withDefault(flag(), true),
};

export type GruOptions = NamedOptionsOf<typeof table>;

type Names = readonly ["state"];

/** h' = (1 − z) ⊙ n + z ⊙ h */
function mixed({ g, states: [h] }: Step<Names>, update: Value, next: Value): readonly [Value] {
  return [g.op("Add", [next, g.op("Mul", [update, g.op("Sub", [h, next])])])];
}

const resetAfterProduct: Cell<Names> = {
  states: ["state"],
  gates: 3,
  step: (step) => {
    const { g, input, states } = step;
    const [inputReset, inputUpdate, inputNext] = gatesOf(g, input, 3);
    const [stateReset, stateUpdate, stateNext] = gatesOf(g, stateProduct(step, states[0]), 3);
    const reset = g.op("Sigmoid", [g.op("Add", [inputReset, stateReset])]);
    const update = g.op("Sigmoid", [g.op("Add", [inputUpdate, stateUpdate])]);
    const next = g.op("Tanh", [g.op("Add", [inputNext, g.op("Mul", [reset, stateNext])])]);
    return mixed(step, update, next);
  },
};

const resetBeforeProduct: Cell<Names> = {
  states: ["state"],
  gates: 3,
  step: (step) => {
    const { g, states, bias } = step;
    const [h] = states;
    const [inputReset, inputUpdate, inputNext] = gatesOf(g, bias ? g.op("Add", [step.input, bias]) : step.input, 3);
    const [weightReset, weightUpdate, weightNext] = gatesOf(g, step.weight, 3);
    const sum = (input: Value, state: Value, weight: Value) => g.op("Add", [input, g.op("MatMul", [state, weight])]);
    const reset = g.op("Sigmoid", [sum(inputReset, h, weightReset)]);
    const update = g.op("Sigmoid", [sum(inputUpdate, h, weightUpdate)]);
    return mixed(step, update, g.op("Tanh", [sum(inputNext, g.op("Mul", [reset, h]), weightNext)]));
  },
};

/** r = σ(·), z = σ(·), n = tanh(W·x + b + r ⊙ (V·h)), h' = (1 − z) ⊙ n + z ⊙ h */
export const gruLayer = defineLayer({
  type: "gru",
  inputs: ["x: float"],
  samples: { x: sequences },
  options: table,
  needsName: true,
  givesList: true,
  lower: (l, { x }, options): readonly Value[] =>
    recurrence(l, x, options.resetAfter ? resetAfterProduct : resetBeforeProduct, options, [options.initialState]),
});

/**
 * Gated recurrent units over `[T, features]`, T known or not (Cho et al. 2014). Gives its output, `[units]` or with
 * `returnSequences` `[T, units]`, and the last state `[units]`. Variables are those of PyTorch's GRU, gates in the order
 * reset, update, new: `weight_ih` `[3 · units, features]`, `weight_hh` `[3 · units, units]` and one bias, `bias_ih`
 * `[3 · units]`.
 *
 * @example const [states] = gru(words, { name: "gru1", units: 64, returnSequences: true });
 */
export function gru(x: Tensor, options: GruOptions): readonly [output: Tensor, state: Tensor] {
  const [output, state] = gruLayer.makeAll([x], options) as readonly [Tensor, Tensor];
  return [output, state];
}
