import { sameShape } from "../graph/lengths.js";
import type { Graph, Value } from "../graph/types.js";
import type { Cell, States, Step } from "./cell.js";
import type { SampleRank } from "./definition.js";
import { constant, xavier } from "./initializers.js";
import { flag, type Resolved, required, whole, withDefault } from "./options.js";
import { lengthOf, multiplierOptions, parametersOf, type Start, start, startOrNone } from "./parameters.js";
import { tensorOption } from "./tensor-option.js";
import { describeTensor, formatSample } from "./tensors.js";
import type { Lowering, Tensor } from "./types.js";

/** The sample of a recurrent layer. */
export const sequences: SampleRank = { ranks: [2], axes: "[steps, features]" };

/** The options of all recurrent layers. */
export const recurrentOptions = {
  /** The length of a state. */
  units: required(whole(1)),
  /** Whether the first output is the state after every step, `[T, units]`, or after the last, `[units]`. Default false. */
  returnSequences: withDefault(flag(), false),
  /** From the last step to the first; the states of a sequence stay in the order of the steps. Default false. */
  reverse: withDefault(flag(), false),
  /** How the weights of the steps start, or a tensor. Default `xavier()`. */
  weights: withDefault<Start>(start(), xavier()),
  /** How the weights of the state start, or a tensor. Default `xavier()`. */
  recurrentWeights: withDefault<Start>(start(), xavier()),
  /** How the bias starts, a tensor, or `false` for none. Default `constant(0)`. */
  bias: withDefault<Start | false>(startOrNone(), constant()),
  /**
   * A second bias, in the product of the state: how it starts, or a tensor. Default `false`. PyTorch and Keras' GRU with
   * `reset_after` have it; but for that GRU it only adds to the first.
   */
  recurrentBias: withDefault<Start | false>(startOrNone(), false),
  /** The state before the first step, `[units]`. Default zeros. */
  initialState: tensorOption(),
  ...multiplierOptions,
};

type RecurrentOptions = Resolved<typeof recurrentOptions>;

/** The variables of a recurrence, named as those of PyTorch's cells. */
function variablesOf(l: Lowering, steps: Value, gates: number, options: RecurrentOptions) {
  const { units, lr, decay } = options;
  const length = gates * units;
  const features = lengthOf(l, steps, 2, "number of features");
  const wanted = {
    weight_ih: { shape: [length, features], start: options.weights },
    weight_hh: { shape: [length, units], start: options.recurrentWeights },
    bias_ih: { shape: [length], start: options.bias },
    bias_hh: { shape: [length], start: options.recurrentBias },
  };
  return parametersOf(l, { lr, decay }, wanted);
}

/** A state before the first step: what was given, or zeros. */
function initialState(l: Lowering, steps: Value, name: string, units: number, given: Tensor | undefined): Value {
  const { g } = l;
  if (given === undefined) {
    const rows = g.op("Slice", [g.op("Shape", [steps]), g.ints([0]), g.ints([1])]);
    return g.op("Expand", [g.scalar(0), g.op("Concat", [rows, g.ints([units])], { axis: 0 })]);
  }
  const shape = [...steps.shape.slice(0, 1), units];
  const message = `its ${name} is ${describeTensor(given)}, expected float32 ${formatSample(shape)}`;
  if (given.dtype !== "float32" || !sameShape(given.shape, shape)) l.fail("LAYER_SHAPE_MISMATCH", message);
  return l.valueFor(given);
}

interface Scanned {
  /** W·x + b of all steps: `[N, T, gates · units]`. */
  readonly inputs: Value;
  /** Whether the first state of every step is wanted. */
  readonly sequences: boolean;
}

/** The graph of one step: states and W·x + b in, the next states out, and the first once more where all are wanted. */
function bodyOf<const Names extends readonly string[]>(
  { g }: Lowering,
  cell: Cell<Names>,
  before: readonly Value[],
  { inputs, sequences: all, ...captured }: Pick<Step<Names>, "weight" | "bias"> & Scanned,
): Graph {
  return g.subgraph("step", (inner) => {
    const like = before.map(({ shape }, index) => inner.input(cell.states[index] ?? "state", "float32", shape));
    // One value a name.
    const states = like as unknown as States<Names>;
    const input = inner.input("input", "float32", inputs.shape.toSpliced(1, 1));
    const after: readonly Value[] = cell.step({ g: inner, input, states, ...captured });
    for (const [index, value] of after.entries()) inner.output(`next ${cell.states[index]}`, value);
    const [first] = after;
    if (all && first !== undefined) inner.output("output", inner.op("Identity", [first]));
  });
}

/**
 * A recurrence over the steps of `[N, T, features]`, T known or not: the products of all steps with `weight_ih` at once,
 * then a Scan over the states. Gives what the layer puts out, the first state after every step or the last, and all states
 * after the last step. Variables: `weight_ih` `[gates · units, features]`, `weight_hh` `[gates · units, units]`, `bias_ih`
 * and `bias_hh` `[gates · units]`.
 */
export function recurrence<const Names extends readonly string[]>(
  l: Lowering,
  steps: Value,
  cell: Cell<Names>,
  options: RecurrentOptions,
  starts: readonly (Tensor | undefined)[],
): readonly Value[] {
  const { g } = l;
  const { units, reverse, returnSequences } = options;
  const {
    weight_ih: inner,
    weight_hh: outer,
    bias_ih: bias,
    bias_hh: stateBias,
  } = variablesOf(l, steps, cell.gates, options);
  const turned = (weight: Value) => g.op("Transpose", [weight], { perm: [1, 0] });
  const product = g.op("MatMul", [steps, turned(inner)]);
  const inputs = bias === undefined ? product : g.op("Add", [product, bias]);
  const states = cell.states.map((name, index) => initialState(l, steps, name, units, starts[index]));
  const given = { inputs, sequences: returnSequences, weight: turned(outer), bias: stateBias };
  const body = bodyOf(l, cell, states, given);
  const direction = reverse ? 1 : 0;
  const attributes = {
    body,
    num_scan_inputs: 1,
    scan_input_axes: [1],
    scan_input_directions: [direction],
    ...(returnSequences && { scan_output_axes: [1], scan_output_directions: [direction] }),
  };
  const outputs = g.ops("Scan", [...states, inputs], attributes, body.outputs.length);
  const last = outputs.slice(0, states.length);
  const [output] = returnSequences ? outputs.slice(states.length) : last;
  return output === undefined ? last : [output, ...last];
}
