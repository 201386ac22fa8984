import { internalError } from "../errors.js";
import { isGraph } from "./constants.js";
import type { Attributes, Graph, GraphBuilder, Value } from "./types.js";

/** What stands for the values of copied graphs, by name. */
type Copies = Map<string, Value>;

/**
 * Copies the nodes of a graph into the one that `g` builds, with `args` in the place of its inputs. The copies get new names;
 * values of the graphs around it are used as they are. Gives back what stands for its outputs.
 */
export function inline(g: GraphBuilder, graph: Graph, args: readonly Value[]): readonly Value[] {
  return copyInto(g, graph, args, new Map());
}

/** A copy of a graph for an attribute of a node of `g`; `more` may add outputs, given its inputs. */
export function copyGraph(
  g: GraphBuilder,
  graph: Graph,
  more?: (inner: GraphBuilder, inputs: readonly Value[]) => void,
): Graph {
  return copy(g, graph, new Map(), more);
}

function copyInto(g: GraphBuilder, graph: Graph, args: readonly Value[], copies: Copies): readonly Value[] {
  if (args.length !== graph.inputs.length) {
    throw internalError(`"${graph.name}" has ${graph.inputs.length} inputs and is given ${args.length}`);
  }
  graph.inputs.forEach(({ name }, index) => {
    const given = args[index];
    if (given) copies.set(name, given);
  });
  const current = (value: Value) => copies.get(value.name) ?? value;
  for (const [name, { data }] of graph.constants) copies.set(name, g.constant(data));
  for (const node of graph.nodes) {
    const made = g.node({
      op: node.op,
      inputs: node.inputs.map((value) => value && current(value)),
      attributes: copiedAttributes(g, node.attributes, copies),
      outputs: node.outputs.length,
    });
    made.forEach((value, index) => {
      copies.set(node.outputs[index]?.name ?? "", value);
    });
  }
  return graph.outputs.map(({ value }) => current(value));
}

function copiedAttributes(g: GraphBuilder, attributes: Attributes, copies: Copies): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, isGraph(value) ? copy(g, value, copies) : value]),
  );
}

function copy(
  g: GraphBuilder,
  graph: Graph,
  copies: Copies,
  more?: (inner: GraphBuilder, inputs: readonly Value[]) => void,
): Graph {
  return g.subgraph(graph.name, (inner) => {
    const inputs = graph.inputs.map(({ name, dtype, shape }) => inner.input(name, dtype, shape));
    const results = copyInto(inner, graph, inputs, new Map(copies));
    graph.outputs.forEach(({ name }, index) => {
      const value = results[index];
      if (value) inner.output(name, value);
    });
    more?.(inner, inputs);
  });
}
