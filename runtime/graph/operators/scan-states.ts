import { copyGraph } from "../inline-graph.js";
import type { GraphBuilder, GraphNode, Value } from "../types.js";
import type { Scanned, Slicing } from "./scan.js";

/** The states that came into each step, put together: where the scan has them among its outputs. */
export interface Saved {
  readonly value: Value;
  readonly slicing: Slicing;
}

interface Context {
  readonly g: GraphBuilder;
  readonly node: GraphNode;
}

/** The scan outputs that hold the incoming state of each step; undefined where a state has none. */
export function savedStates(scan: Scanned, outputs: readonly Value[]): readonly (Saved | undefined)[] {
  return scan.body.inputs.slice(0, scan.states).map((state) => {
    const place = scan.outputs.findIndex(
      (_, index) => scan.body.outputs[scan.states + index]?.value.name === state.name,
    );
    const [value, slicing] = [outputs[scan.states + place], scan.outputs[place]];
    return value && slicing ? { value, slicing } : undefined;
  });
}

/** The outputs of a scan that also puts out the incoming states of each step, after the others; undefined if it does. */
export function withIncomingStates(scan: Scanned, { g, node }: Context): readonly Value[] | undefined {
  const missing = savedStates(scan, node.outputs).flatMap((saved, index) => (saved ? [] : [index]));
  if (missing.length === 0) return undefined;
  const body = copyGraph(g, scan.body, (inner, inputs) => {
    for (const index of missing) {
      const value = inputs[index];
      if (value) inner.output(`incoming ${value.name}`, value);
    }
  });
  const added = missing.map((): Slicing => ({ axis: 0, direction: 0 }));
  return g.node({
    op: "Scan",
    inputs: node.inputs,
    attributes: { body, ...slicingAttributes(scan.inputs, [...scan.outputs, ...added]) },
    outputs: body.outputs.length,
  });
}

/** The attributes of a scan that say how its inputs and outputs are sliced. */
export function slicingAttributes(inputs: readonly Slicing[], outputs: readonly Slicing[]) {
  return {
    num_scan_inputs: inputs.length,
    scan_input_axes: inputs.map(({ axis }) => axis),
    scan_input_directions: inputs.map(({ direction }) => direction),
    scan_output_axes: outputs.map(({ axis }) => axis),
    scan_output_directions: outputs.map(({ direction }) => direction),
  };
}
