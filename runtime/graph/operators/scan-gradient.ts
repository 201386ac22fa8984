import { capturesOf } from "../captures.js";
import { inline } from "../inline-graph.js";
import type { GraphBuilder, Value } from "../types.js";
import type { Differentiation, Gradients } from "./operator.js";
import type { Scanned, Slicing, scanSignature } from "./scan.js";
import { savedStates, slicingAttributes, withIncomingStates } from "./scan-states.js";
import { zerosLike } from "./zeros.js";

/** A value that the reversed scan cuts into slices, and how. */
interface Sliced {
  readonly value: Value;
  readonly slicing: Slicing;
}

/** What goes into the reversed scan: it computes a step anew from what came into it, and differentiates it. */
interface Plan {
  /** Places of the float states among the states: their gradients are states. */
  readonly states: readonly number[];
  /** Captured values whose gradients are wanted: these are summed in further states. */
  readonly captured: readonly Value[];
  /** Places among the scan inputs of those whose gradients are wanted: these are put together from slices. */
  readonly wanted: readonly number[];
  /** Places among the scan outputs of those that have a gradient. */
  readonly seeded: readonly number[];
}

/**
 * The gradient of a scan is a scan over the same slices from last to first. Its states are the gradients of the states and
 * the sums of the gradients of captured values. The incoming states of each step are outputs of the scan, or are computed
 * by running it again.
 */
export function scanGradient(
  scan: Scanned,
  values: readonly Value[],
  d: Differentiation<typeof scanSignature>,
): Gradients<typeof scanSignature> {
  const plan = planOf(scan, values, d);
  let made: readonly Value[] | undefined;
  const result = (place: number) => {
    made ??= reversed(scan, values, plan, d);
    return pick(made, place);
  };
  plan.captured.forEach((value, index) => {
    d.addToCaptured(value, result(plan.states.length + index));
  });
  return {
    values: (index) =>
      result(
        index < scan.states ? plan.states.indexOf(index) : offset(plan) + plan.wanted.indexOf(index - scan.states),
      ),
  };
}

/** Where the gradients of scan inputs begin among the reversed scan's outputs. */
function offset({ states, captured }: Plan): number {
  return states.length + captured.length;
}

function planOf(scan: Scanned, values: readonly Value[], { wants, dys }: Differentiation<typeof scanSignature>): Plan {
  const float = (value: Value | undefined) => value?.dtype === "float32";
  return {
    states: places(scan.states, (index) => float(values[index])),
    captured: capturesOf(scan.body).filter((value) => wants(value)),
    wanted: places(scan.inputs.length, (index) => {
      const value = values[scan.states + index];
      return value !== undefined && float(value) && wants(value);
    }),
    seeded: places(scan.outputs.length, (index) => dys[scan.states + index] !== undefined),
  };
}

function places(count: number, keep: (index: number) => boolean): readonly number[] {
  return Array.from({ length: count }, (_, index) => index).filter(keep);
}

function reversed(
  scan: Scanned,
  values: readonly Value[],
  plan: Plan,
  d: Differentiation<typeof scanSignature>,
): readonly Value[] {
  const { g, node, dys } = d;
  const body = g.subgraph(`${scan.body.name} reversed`, (inner) => backwardBody(inner, scan, plan, d));
  const last = plan.states.map((index) => dys[index] ?? zerosLike(g, pick(node.outputs, index)));
  const slices = [
    ...incoming(scan, d),
    ...scan.inputs.map((slicing, index) => ({ value: pick(values, scan.states + index), slicing })),
    ...plan.seeded.map((index) => ({ value: pick(dys, scan.states + index), slicing: pick(scan.outputs, index) })),
  ];
  return g.node({
    op: "Scan",
    inputs: [...last, ...plan.captured.map((value) => zerosLike(g, value)), ...slices.map(({ value }) => value)],
    attributes: {
      body,
      ...slicingAttributes(
        slices.map(({ slicing }) => turned(slicing)),
        plan.wanted.map((index) => turned(pick(scan.inputs, index))),
      ),
    },
    outputs: body.outputs.length,
  });
}

function turned({ axis, direction }: Slicing): Slicing {
  return { axis, direction: 1 - direction };
}

/** The states that came into each step. */
function incoming(scan: Scanned, d: Differentiation<typeof scanSignature>): readonly Sliced[] {
  const known = savedStates(scan, d.outputs);
  const again = withIncomingStates(scan, d) ?? [];
  let next = d.outputs.length;
  return known.map((saved) => saved ?? { value: pick(again, next++), slicing: { axis: 0, direction: 0 } });
}

/** One step backwards. Inputs and outputs are in the order of {@link reversed}. */
function backwardBody(
  g: GraphBuilder,
  scan: Scanned,
  plan: Plan,
  { differentiate }: Pick<Differentiation, "differentiate">,
): void {
  const { inputs, outputs } = scan.body;
  const like = (prefix: string) => (value: Value) => g.input(`${prefix}${value.name}`, value.dtype, value.shape);
  const stateGradients = plan.states.map((index) => like("grad_")(pick(inputs, index)));
  const sums = plan.captured.map(like("sum_"));
  const args = inputs.map(like(""));
  const sliceGradients = plan.seeded.map((index) => like("grad_")(pick(outputs, scan.states + index).value));
  const results = inline(g, scan.body, args);
  const seeds = [
    ...plan.states.map((index, place) => [pick(results, index), pick(stateGradients, place)] as const),
    ...plan.seeded.map((index, place) => [pick(results, scan.states + index), pick(sliceGradients, place)] as const),
  ];
  const states = plan.states.map((index) => pick(args, index));
  const slices = plan.wanted.map((index) => pick(args, scan.states + index));
  const wrt = [...states, ...plan.captured, ...slices];
  const gradients = differentiate(g, seeds, wrt);
  wrt.forEach((value, index) => {
    const sum = sums[index - states.length];
    const gradient = gradients[index];
    const next = sum && gradient ? g.op("Add", [sum, gradient]) : (gradient ?? sum);
    g.output(`grad_${index}`, next ?? zerosLike(g, value));
  });
}

/** An item that is there by construction. */
function pick<T>(items: readonly (T | undefined)[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`no item ${index}`);
  return item;
}
