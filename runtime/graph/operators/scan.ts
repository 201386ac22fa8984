import { formatShape, sameShape } from "../lengths.js";
import type { Dim, Graph, Value, ValueType } from "../types.js";
import { axisOf, type Inference, type Operator, type Resolved, type Signature } from "./operator.js";
import { scanGradient } from "./scan-gradient.js";
import { withIncomingStates } from "./scan-states.js";

export const scanSignature = {
  inputs: ["...values: any"],
  outputs: ["...ys"],
  attributes: {
    body: { kind: "graph", required: true },
    num_scan_inputs: { kind: "int", required: true },
    scan_input_axes: { kind: "ints" },
    scan_input_directions: { kind: "ints" },
    scan_output_axes: { kind: "ints" },
    scan_output_directions: { kind: "ints" },
  },
} as const satisfies Signature;

/**
 * Inputs are states, then arrays that are cut into slices; outputs the last states, then arrays put together from slices.
 * The body takes states and slices and gives states and slices. A state keeps its type and shape.
 */
export const scan: Operator<typeof scanSignature> = {
  signature: scanSignature,
  doc: "runs `body` once for each slice of the scan inputs, handing states on from step to step (onnx.ai, Scan-9 and later)",
  infer: ({ values }, n) => {
    const scanned = scanOf(values, n);
    if (scanned.body.outputs.length !== n.outputs) {
      n.fail(`has ${n.outputs} outputs; expected ${scanned.body.outputs.length}, as its body`);
    }
    requireStates(scanned, values, n);
    const steps = requireSlices(scanned, values, n);
    return scanned.body.outputs.map(({ value }, index) => {
      const slicing = scanned.outputs[index - scanned.states];
      return slicing ? stacked(value, slicing, steps) : value;
    });
  },
  gradient: ({ values }, d) => scanGradient(scanOf(values, d), values, d),
  prepare: ({ values }, d) => withIncomingStates(scanOf(values, d), d)?.slice(0, d.node.outputs.length),
};

/** How slices lie in an array. */
export interface Slicing {
  /** Of the array, counted from the front. */
  readonly axis: number;
  /** 0: the first step has the first slice; 1: the last. */
  readonly direction: number;
}

export interface Scanned {
  readonly body: Graph;
  /** How many states there are; they come first among the inputs and outputs. */
  readonly states: number;
  /** Of the scan inputs. */
  readonly inputs: readonly Slicing[];
  /** Of the scan outputs. */
  readonly outputs: readonly Slicing[];
}

interface Reading extends Pick<Inference, "fail"> {
  readonly attributes: Resolved<typeof scanSignature>;
}

/** The attributes with ONNX's defaults: axis 0, from first to last. */
function scanOf(values: readonly Value[], n: Reading): Scanned {
  const { body, num_scan_inputs: count, ...lists } = n.attributes;
  if (count < 1 || count > values.length) {
    n.fail(`attribute "num_scan_inputs" is ${count}; expected 1 to ${values.length}, the number of its inputs`);
  }
  if (body.inputs.length !== values.length) {
    n.fail(`its body has ${body.inputs.length} inputs; expected ${values.length}, as it has itself`);
  }
  const states = values.length - count;
  if (body.outputs.length < states) n.fail(`its body has ${body.outputs.length} outputs and ${states} states`);
  const ranks = values.slice(states).map(({ shape }) => shape.length);
  const outputRanks = body.outputs.slice(states).map(({ value }) => value.shape.length + 1);
  return {
    body,
    states,
    inputs: slicings(n, "input", ranks, lists.scan_input_axes, lists.scan_input_directions),
    outputs: slicings(n, "output", outputRanks, lists.scan_output_axes, lists.scan_output_directions),
  };
}

type Ints = readonly number[] | undefined;

function slicings(
  n: Reading,
  what: string,
  ranks: readonly number[],
  axes: Ints,
  directions: Ints,
): readonly Slicing[] {
  for (const [name, list] of [
    ["axes", axes],
    ["directions", directions],
  ] as const) {
    if (list && list.length !== ranks.length) {
      n.fail(`attribute "scan_${what}_${name}" has ${list.length} items; expected ${ranks.length}`);
    }
  }
  return ranks.map((rank, index) => {
    const direction = directions?.[index] ?? 0;
    if (direction !== 0 && direction !== 1)
      n.fail(`attribute "scan_${what}_directions" holds ${direction}; expected 0 or 1`);
    return { axis: axisOf(n, axes?.[index] ?? 0, rank), direction };
  });
}

function requireStates({ body, states }: Scanned, values: readonly Value[], n: Reading): void {
  for (const [index, value] of values.slice(0, states).entries()) {
    requireType(n, body.inputs[index], value, `state ${index} of its body`);
    requireType(n, body.outputs[index]?.value, value, `state ${index} that its body gives`);
  }
}

/** Checks the slices against the body's inputs; returns the number of steps. */
function requireSlices({ body, states, inputs }: Scanned, values: readonly Value[], n: Reading): Dim {
  const lengths = inputs.map(({ axis }, index) => {
    const value = values[states + index] ?? n.fail(`scan input ${index} is left out`);
    const slice = { dtype: value.dtype, shape: value.shape.toSpliced(axis, 1) };
    requireType(n, body.inputs[states + index], slice, `scan input ${index} of its body`);
    return value.shape[axis] ?? n.fail(`scan input ${index} has no axis ${axis}`);
  });
  const [steps = 0] = lengths;
  if (lengths.some((length) => length !== steps))
    n.fail(`its scan inputs have ${lengths.join(", ")} slices; expected one number`);
  return steps;
}

function requireType(n: Reading, found: ValueType | undefined, expected: ValueType, what: string): void {
  if (found && found.dtype === expected.dtype && sameShape(found.shape, expected.shape)) return;
  const text = found ? `${found.dtype} ${formatShape(found.shape)}` : "absent";
  n.fail(`${what} is ${text}; expected ${expected.dtype} ${formatShape(expected.shape)}`);
}

function stacked({ dtype, shape }: ValueType, { axis }: Slicing, steps: Dim): ValueType {
  return { dtype, shape: shape.toSpliced(axis, 0, steps) };
}
