import { internalError } from "../errors.js";
import { extendGraph } from "../graph/builder.js";
import { usedBy } from "../graph/captures.js";
import { differentiate } from "../graph/differentiate.js";
import { operatorOf } from "../graph/infer.js";
import type { Graph, GraphNode, Value } from "../graph/types.js";
import type { LoweredScalars } from "./scalars.js";
import type { Feed } from "./types.js";

/** What is differentiated, float32 `[]`. */
export interface TotalLoss {
  readonly value: Value;
  /** The feeds that stand for 1 / weight. */
  readonly normalizers: readonly Feed[];
}

/** Adds Σ factor · sum / weight. Where rows weigh what the data say, a fed number stands for 1 / weight. */
export function totalLoss({ lowered, scalars }: LoweredScalars): TotalLoss {
  const { g } = lowered;
  const normalizers: Feed[] = [];
  const terms = scalars.flatMap(({ name: loss, factor, sum, weight, rowWeights }) => {
    if (factor === 0) return [];
    if (rowWeights.weights === "rows") return [g.op("Mul", [sum, g.op("Div", [g.scalar(factor), weight])])];
    const { name, value } = lowered.feed(`normalizer:${loss}`, []);
    normalizers.push({ kind: "normalizer", name, dtype: "float32", shape: [], loss });
    const scaled = g.op("Mul", [sum, value]);
    return [factor === 1 ? scaled : g.op("Mul", [scaled, g.scalar(factor)])];
  });
  const [first = g.scalar(0)] = terms;
  return { value: terms.length > 1 ? g.op("Sum", terms) : first, normalizers };
}

/** The names of the values that a loss is computed from in a way through which gradients flow. */
export function reaching(nodes: readonly GraphNode[], loss: Value): ReadonlySet<string> {
  const reached = new Set([loss.name]);
  for (const node of nodes.toReversed()) {
    if (operatorOf(node).gradient === "stops" || !node.outputs.some(({ name }) => reached.has(name))) continue;
    for (const { name } of usedBy(node)) reached.add(name);
  }
  return reached;
}

/** A graph input with respect to which there is to be a gradient, and the output that gives it. */
export interface WantedGradient {
  readonly input: string;
  readonly output: string;
}

/** Puts the gradients of an output, float32 `[]`, in its place. */
export function withGradients(graph: Graph, total: string, wanted: readonly WantedGradient[]): Graph {
  const others = graph.outputs.filter(({ name }) => name !== total);
  const loss = graph.outputs.find(({ name }) => name === total)?.value;
  const inputs = new Map(graph.inputs.map((value) => [value.name, value]));
  const wrt = wanted.flatMap(({ input }) => inputs.get(input) ?? []);
  if (loss === undefined || wrt.length < wanted.length) throw internalError("a pass lost the loss or an input");
  const g = extendGraph(Object.freeze({ ...graph, outputs: Object.freeze(others) }));
  for (const [index, gradient] of differentiate(g, loss, wrt).entries())
    g.output(wanted[index]?.output ?? "", gradient);
  return g.build();
}
