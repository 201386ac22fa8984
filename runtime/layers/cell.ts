import type { GraphBuilder, Value } from "../graph/types.js";

/** One value a state. */
export type States<Names extends readonly string[]> = { readonly [Place in keyof Names]: Value };

/** What a step is given: values of the body's graph, or of the graph around it. */
export interface Step<Names extends readonly string[]> {
  readonly g: GraphBuilder;
  /** W·x + b of this step for all gates: `[N, gates · units]`. */
  readonly input: Value;
  /** The states before the step: `[N, units]` each. */
  readonly states: States<Names>;
  /** `weight_hh` turned: `[units, gates · units]`. */
  readonly weight: Value;
  /** `bias_hh` `[gates · units]`, if there is one. */
  readonly bias: Value | undefined;
}

/** A recurrent cell. */
export interface Cell<Names extends readonly string[] = readonly string[]> {
  /** Names of the states; the first is what the layer puts out. */
  readonly states: Names;
  readonly gates: number;
  /** The states after a step. */
  step(step: Step<Names>): States<Names>;
}

/** V·h + b' for all gates: `[N, gates · units]`. */
export function stateProduct({ g, weight, bias }: Omit<Step<readonly string[]>, "states">, state: Value): Value {
  const product = g.op("MatMul", [state, weight]);
  return bias === undefined ? product : g.op("Add", [product, bias]);
}

interface Gates {
  readonly 3: readonly [Value, Value, Value];
  readonly 4: readonly [Value, Value, Value, Value];
}

/** The parts of each gate, along the last axis. */
export function gatesOf<Count extends keyof Gates>(g: GraphBuilder, value: Value, count: Count): Gates[Count] {
  const axis = value.shape.length - 1;
  const sizes = new Array<number>(count).fill(Number(value.shape[axis]) / count);
  // Split puts out as many parts as it is asked for.
  return g.ops("Split", [value, g.ints(sizes)], { axis }, count) as unknown as Gates[Count];
}
