import { passes, runPasses } from "../graph/passes/index.js";
import { printGraph } from "../graph/print.js";
import type { Graph } from "../graph/types.js";
import { printNetwork } from "../layers/describe.js";
import { show } from "../layers/plain.js";
import type { Network } from "../layers/types.js";
import { compile } from "./compile.js";
import { inferenceGraph } from "./inference.js";
import { stepGraph, trainable } from "./stages.js";
import type { TrainingProgram } from "./types.js";

/** The names of the stages: `network`, `graph`, `gradients`, `pass <name>` for each that changed something, `passes`, `program`. */
export type Stage = string;

/** What each pass makes of a graph in its first round, and the end result of all rounds. */
function dumpPasses(graph: Graph): Readonly<Record<Stage, string>> {
  const stages: Record<Stage, string> = {};
  let current = graph;
  for (const [name, pass] of Object.entries(passes)) {
    const next = pass(current);
    if (next !== current) stages[`pass ${name}`] = printGraph(next);
    current = next;
  }
  return { ...stages, passes: printGraph(runPasses(graph)) };
}

function printProgram({ name, parameters, size, feeds, scalars, step, evaluate }: TrainingProgram): string {
  return [
    `program ${show(name)}`,
    ...parameters.map(
      ({ name: parameter, shape, offset, length, lr, decay }) =>
        `  parameter ${parameter} ${show(shape)} at ${offset}, ${length} floats, lr ${lr}, decay ${decay}`,
    ),
    `  size ${size} floats`,
    ...feeds.map((feed) => {
      const extra = feed.kind === "mask" ? `, rate ${feed.rate}` : "";
      const classes = feed.kind === "labels" && feed.classes !== undefined ? `, ${feed.classes} classes` : "";
      return `  feed ${feed.name}: ${feed.kind}, ${feed.dtype} ${show(["N", ...feed.shape])}${extra}${classes}`;
    }),
    `  scalars ${scalars.join(", ")}`,
    `  step ${step.length} bytes, evaluate ${evaluate.length} bytes`,
    "",
  ].join("\n");
}

/**
 * Every stage of a compilation as text, in order. A network without a loss has no gradients and no program: its graph
 * is the one for inference.
 */
export function dumpStages(network: Network): Readonly<Record<Stage, string>> {
  const text = printNetwork(network);
  if (network.loss === undefined) {
    const graph = inferenceGraph(network);
    return { network: text, graph: printGraph(graph), ...dumpPasses(graph) };
  }
  const { forward, graph } = stepGraph(trainable(network));
  return {
    network: text,
    graph: printGraph(forward),
    gradients: printGraph(graph),
    ...dumpPasses(graph),
    program: printProgram(compile(network)),
  };
}
