import { graphBuilder } from "../graph/builder.js";
import type { Graph, GraphBuilder } from "../graph/types.js";

/**
 * A graph as the option of an operator: the body of a Scan, a branch of an If. `body` adds its inputs, operators and
 * outputs. It cannot use tensors around it: what it needs, Scan gives it as states and scanned inputs.
 *
 * @example
 * // Running sums over axis 1: total is the state, x the scanned row.
 * const sums = graph("sums", (g) => {
 *   const next = g.op("Add", [g.input("total", "float32", ["N", 8]), g.input("x", "float32", ["N", 8])]);
 *   g.output("total", next);
 *   g.output("sum", g.op("Identity", [next]));
 * });
 * const [, all] = onnx.Scan([start, x], { body: sums, num_scan_inputs: 1, scan_input_axes: [1], scan_output_axes: [1], outputs: 2 });
 */
export function graph(name: string, body: (g: GraphBuilder) => void): Graph {
  const g = graphBuilder(name);
  body(g);
  return g.build();
}
