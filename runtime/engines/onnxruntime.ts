import type * as OnnxRuntime from "onnxruntime-node";
import { RunError } from "../errors.js";
import type { Feed, TrainingProgram } from "../program/types.js";
import { sizeOf } from "../shape.js";
import { checkBatch } from "./batch-check.js";
import type { Batch, Engine, EngineOptions, Session, StepResult } from "./engine.js";
import { cpuSessionOptions, loadOnnxRuntime, nativeMessage } from "./native.js";

type Tensors = Readonly<Record<string, OnnxRuntime.Tensor>>;

/** A loaded graph with all that its runs share; the tensors are views, so a run copies neither weights nor gradients. */
interface LoadedGraph {
  readonly label: string;
  readonly session: OnnxRuntime.InferenceSession;
  readonly parameters: Tensors;
  readonly feeds: readonly Feed[];
  readonly fetches: Tensors;
  readonly scalars: Float32Array;
}

interface Opening {
  readonly runtime: typeof OnnxRuntime;
  readonly program: TrainingProgram;
  readonly threads: number;
  readonly weights: Float32Array;
  readonly gradients: Float32Array;
}

/**
 * Microsoft's onnxruntime on the CPU. Parameters and gradients are views of two flat private arrays: native code reads
 * the weights where they are written, and writes each gradient in place. (Tensors over shared memory are refused.)
 */
export const onnxruntime: Engine = {
  name: "onnxruntime",
  async open(program: TrainingProgram, options: EngineOptions = {}): Promise<Session> {
    const { threads = 1 } = options;
    if (!Number.isSafeInteger(threads) || threads < 1) {
      throw programError(program, `operator threads are ${threads}, expected a whole number of at least 1`);
    }
    checkLayout(program);
    const runtime = await loadOnnxRuntime();
    const weights = new Float32Array(program.size);
    const gradients = new Float32Array(program.size);
    const opening = { runtime, program, threads, weights, gradients };
    const step = await loadGraph(opening, "step");
    try {
      const evaluate = await loadGraph(opening, "evaluate");
      return sessionOf(opening, step, evaluate);
    } catch (error) {
      await step.session.release();
      throw error;
    }
  },
};

function sessionOf(opening: Opening, step: LoadedGraph, evaluate: LoadedGraph): Session {
  const { runtime, program, weights, gradients } = opening;
  let closed = false;
  const run = async (graph: LoadedGraph, batch: Batch): Promise<StepResult> => {
    if (closed) throw new RunError({ code: "ENGINE_CLOSED", message: `the session of "${program.name}" is closed` });
    checkBatch(program, batch, graph.feeds);
    const inputs = { ...graph.parameters, ...batchTensors(runtime, graph.feeds, batch) };
    try {
      await graph.session.run(inputs, graph.fetches);
    } catch (cause) {
      const message = `${graph.label} failed on a batch of ${batch.rows} rows: ${nativeMessage(cause)}`;
      throw new RunError({ code: "ENGINE_RUN_FAILED", message }, { cause });
    }
    return Object.fromEntries(program.scalars.map((name, index) => [name, graph.scalars[index] ?? Number.NaN]));
  };
  return {
    weights,
    gradients,
    step: (batch) => run(step, batch),
    evaluate: (batch) => run(evaluate, batch),
    close: async () => {
      if (closed) return;
      closed = true;
      await step.session.release();
      await evaluate.session.release();
    },
  };
}

function batchTensors(runtime: typeof OnnxRuntime, feeds: readonly Feed[], { rows, feeds: arrays }: Batch): Tensors {
  const tensors: Record<string, OnnxRuntime.Tensor> = {};
  for (const { name, shape } of feeds) {
    const data = arrays[name];
    if (data instanceof Int32Array) tensors[name] = new runtime.Tensor("int32", data, [rows, ...shape]);
    else if (data !== undefined) tensors[name] = new runtime.Tensor("float32", data, [rows, ...shape]);
  }
  return tensors;
}

/** Serialized graph → session with its tensors. Only names that the graph has are fed: a pass may drop an unread input. */
async function loadGraph(opening: Opening, which: "step" | "evaluate"): Promise<LoadedGraph> {
  const { runtime, program, threads, weights, gradients } = opening;
  const label = `the ${which} graph of "${program.name}"`;
  const session = await createSession(opening, which, cpuSessionOptions(threads));
  try {
    const inputs = new Set(session.inputNames);
    const view = (flat: Float32Array, { offset, length, shape }: TrainingProgram["parameters"][number]) =>
      new runtime.Tensor("float32", flat.subarray(offset, offset + length), shape);
    const used = program.parameters.filter(({ name }) => inputs.has(name));
    const learned = which === "step" ? program.parameters.filter(({ lr }) => lr !== 0) : [];
    const feeds = program.feeds.filter(({ name }) => inputs.has(name));
    const scalars = new Float32Array(program.scalars.length);
    checkNames(
      { program, label, session },
      {
        inputs: [...used, ...feeds].map(({ name }) => name),
        outputs: [...learned.map(({ name }) => `grad:${name}`), ...program.scalars],
      },
    );
    const scalarTensors = program.scalars.map((name, index) => {
      const data = scalars.subarray(index, index + 1);
      return [name, new runtime.Tensor("float32", data, scalarShape({ program, label, session }, name))] as const;
    });
    return {
      label,
      session,
      feeds,
      scalars,
      parameters: Object.fromEntries(used.map((parameter) => [parameter.name, view(weights, parameter)])),
      fetches: Object.fromEntries([
        ...learned.map((parameter) => [`grad:${parameter.name}`, view(gradients, parameter)] as const),
        ...scalarTensors,
      ]),
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function createSession(
  { runtime, program }: Opening,
  which: "step" | "evaluate",
  options: OnnxRuntime.InferenceSession.SessionOptions,
): Promise<OnnxRuntime.InferenceSession> {
  try {
    return await runtime.InferenceSession.create(program[which], options);
  } catch (cause) {
    throw programError(program, `the ${which} graph cannot be loaded: ${nativeMessage(cause)}`, cause);
  }
}

/** A graph while it is checked; `label` names it in messages. */
interface Checked {
  readonly program: TrainingProgram;
  readonly label: string;
  readonly session: OnnxRuntime.InferenceSession;
}

function checkNames(
  { program, label, session }: Checked,
  known: { readonly inputs: readonly string[]; readonly outputs: readonly string[] },
): void {
  const strangers = session.inputNames.filter((name) => !known.inputs.includes(name));
  const absent = known.outputs.filter((name) => !session.outputNames.includes(name));
  if (strangers.length > 0) {
    throw programError(program, `${label} takes "${strangers.join('", "')}", which is no parameter or feed of it`);
  }
  if (absent.length > 0) throw programError(program, `${label} has no output "${absent.join('", "')}"`);
}

/** `[]` or `[1]`, whichever the graph says: a preallocated output must have exactly the output's shape. */
function scalarShape({ program, label, session }: Checked, name: string): readonly number[] {
  const meta = session.outputMetadata.find((output) => output.name === name);
  const shape = meta?.isTensor === true ? meta.shape : [];
  if (shape.every((dim) => dim === 1)) return shape.map(() => 1);
  throw programError(program, `output "${name}" of ${label} has shape [${shape.join(",")}], expected one number`);
}

function checkLayout(program: TrainingProgram): void {
  for (const { name, shape, offset, length } of program.parameters) {
    if (length !== sizeOf(shape) || offset < 0 || offset + length > program.size) {
      const found = `${length} floats at ${offset} for shape [${shape.join(",")}]`;
      throw programError(program, `parameter "${name}" has ${found}, which does not fit a buffer of ${program.size}`);
    }
  }
}

function programError(program: TrainingProgram, text: string, cause?: unknown): RunError {
  return new RunError({ code: "ENGINE_PROGRAM_INVALID", message: `program "${program.name}": ${text}` }, { cause });
}
