import { RunError } from "../errors.js";
import type { TrainingProgram } from "../program/types.js";
import type { Engine, EngineOptions, Session } from "./engine.js";
import { graphLabel, LoadedGraph, type Opening } from "./loaded-graph.js";
import { loadOnnxRuntime } from "./native.js";
import { checkLayout, checkPushed, checkScalars, programError } from "./program-check.js";

interface Graphs {
  readonly step: LoadedGraph;
  readonly evaluate: LoadedGraph;
  readonly weigh?: LoadedGraph;
}

/**
 * Microsoft's onnxruntime on the CPU. Variables, gradients and next states are views of two flat private arrays: native
 * code reads the weights where they are written, and writes its outputs in place. (Tensors over shared memory are refused.)
 */
export const onnxruntime: Engine = {
  name: "onnxruntime",
  target: "onnxruntime",
  async open(program: TrainingProgram, options: EngineOptions = {}): Promise<Session> {
    const { threads = 1 } = options;
    if (!Number.isSafeInteger(threads) || threads < 1) {
      throw programError(program, `operator threads are ${threads}, expected a whole number of at least 1`);
    }
    check(program);
    const runtime = await loadOnnxRuntime();
    const weights = new Float32Array(program.size);
    const pushed = new Float32Array(program.pushed);
    const opening = { runtime, program, threads, weights, pushed };
    return sessionOf(opening, await loadGraphs(opening));
  },
};

function check(program: TrainingProgram): void {
  checkLayout(program);
  checkPushed(program, program.step, graphLabel("step", program));
  checkScalars(program, program.step, graphLabel("step", program));
  checkScalars(program, program.evaluate, graphLabel("evaluate", program));
}

/** Loads all graphs of a program, or none. */
async function loadGraphs(opening: Opening): Promise<Graphs> {
  const { step, evaluate, weigh } = opening.program;
  const loaded: LoadedGraph[] = [];
  const load = async (which: string, executable: TrainingProgram["step"]) => {
    const graph = await LoadedGraph.load(opening, which, executable);
    loaded.push(graph);
    return graph;
  };
  try {
    return {
      step: await load("step", step),
      evaluate: await load("evaluate", evaluate),
      ...(weigh && { weigh: await load("weigh", weigh) }),
    };
  } catch (error) {
    for (const graph of loaded) await graph.release();
    throw error;
  }
}

function sessionOf({ program, weights, pushed }: Opening, { step, evaluate, weigh }: Graphs): Session {
  let closed = false;
  /** Rejects after close. */
  const whileOpen = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closed) throw new RunError({ code: "ENGINE_CLOSED", message: `the session of "${program.name}" is closed` });
    return work();
  };
  return {
    weights,
    pushed,
    step: (batch) => whileOpen(() => step.run(batch)),
    evaluate: (batch) => whileOpen(() => evaluate.run(batch)),
    weigh: (batch) =>
      whileOpen(() => {
        if (weigh === undefined) throw programError(program, "it has no weigh graph: all rows weigh the same");
        return weigh.weigh(batch);
      }),
    close: async () => {
      if (closed) return;
      closed = true;
      for (const graph of [step, evaluate, weigh]) await graph?.release();
    },
  };
}
