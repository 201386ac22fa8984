import { simplify } from "../graph/passes/index.js";
import { printGraph } from "../graph/print.js";
import type { Graph } from "../graph/types.js";
import { printNetwork } from "../layers/describe.js";
import { requireNetwork } from "../layers/network.js";
import { show } from "../layers/plain.js";
import type { Network } from "../layers/types.js";
import { defaultTarget, targetNamed } from "../targets/index.js";
import type { Target } from "../targets/target.js";
import { type CompileOptions, programOf } from "./compile.js";
import { finished, withoutUnusedInputs } from "./executable.js";
import { inferenceGraph } from "./inference.js";
import { stepGraph } from "./stages.js";
import type { Executable, Feed, InputBinding, OutputBinding, TrainingProgram } from "./types.js";

/** The names of the stages: `network`, `graph`, `before gradients`, `gradients`, `passes`, `program`. */
export type Stage = string;

function printFeed(feed: Feed): string {
  const shape = feed.kind === "normalizer" ? [] : ["N", ...feed.shape];
  const head = `  feed ${feed.name}: ${feed.kind}, ${feed.dtype} [${shape.join(", ")}]`;
  if (feed.kind === "mask") return `${head}, rate ${feed.rate}`;
  if (feed.kind === "normalizer") return `${head} of ${feed.loss}`;
  const classes = feed.classes === undefined ? "" : `, ${feed.classes} classes`;
  return `${head}${classes}${feed.ignored === undefined ? "" : `, ${feed.ignored} ignored`}`;
}

function inputText(bound: InputBinding): string {
  const from = bound.role === "variable" ? bound.variable : bound.feed;
  return `    in ${bound.input}: ${bound.role}${from === bound.input ? "" : ` ${from}`}`;
}

function outputText(bound: OutputBinding): string {
  return `    out ${bound.output}: ${bound.role} of ${"scalar" in bound ? bound.scalar : bound.variable}`;
}

function printExecutable(name: string, executable: Executable | undefined): readonly string[] {
  if (executable === undefined) return [];
  const { bytes, inputs, outputs } = executable;
  return [`  ${name} ${bytes.length} bytes`, ...inputs.map(inputText), ...outputs.map(outputText)];
}

function printProgram(program: TrainingProgram): string {
  const { name, target, variables, trained, pushed, size, feeds, scalars, step, evaluate, weigh } = program;
  return [
    `program ${show(name)} for ${target}`,
    ...variables.map(({ name: variable, role, shape, offset, length, lr, decay }) => {
      const multipliers = role === "trained" ? `, lr ${lr}, decay ${decay}` : "";
      return `  ${role} ${variable} ${show(shape)} at ${offset}, ${length} floats${multipliers}`;
    }),
    `  size ${size} floats: ${trained} trained, ${pushed - trained} state, ${size - pushed} frozen`,
    ...feeds.map(printFeed),
    ...scalars.map(({ name: scalar, role, factor, weights }) => {
      return `  ${role} ${scalar}${role === "loss" ? `, factor ${factor}` : ""}, weighted by ${weights}`;
    }),
    ...printExecutable("step", step),
    ...printExecutable("evaluate", evaluate),
    ...printExecutable("weigh", weigh),
    "",
  ].join("\n");
}

function printLast(graph: Graph, target: Target): string {
  return target.dump?.(graph) ?? printGraph(graph);
}

/**
 * Every stage of a compilation as text, in order. A network without a loss has no gradients and no program: its graph
 * is the one for inference.
 */
export function dumpStages(
  network: Network,
  { target: name = defaultTarget }: CompileOptions = {},
): Readonly<Record<Stage, string>> {
  const text = printNetwork(requireNetwork(network));
  const target = targetNamed(name);
  if (Object.keys(network.losses).length === 0) {
    const { graph } = inferenceGraph(network);
    return { network: text, graph: printGraph(graph), passes: printGraph(withoutUnusedInputs(simplify(graph))) };
  }
  const step = stepGraph(network);
  return {
    network: text,
    graph: printGraph(step.forward),
    "before gradients": printGraph(step.prepared),
    gradients: printGraph(step.bound.graph),
    passes: printLast(finished(step.bound, target).graph, target),
    program: printProgram(programOf(network, step, target)),
  };
}
