import type * as OnnxRuntime from "onnxruntime-node";
import type { NDArray } from "../array.js";
import { RunError } from "../errors.js";
import type { DataType } from "../graph/types.js";
import type { Executable, Feed, OutputBinding, TrainingProgram, VariableLayout } from "../program/types.js";
import { checkBatch } from "./batch-check.js";
import type { Batch, StepResult } from "./engine.js";
import { cpuSessionOptions, nativeMessage } from "./native.js";
import { checkBindings, feedNamed, layoutNamed, programError } from "./program-check.js";

type Tensors = Readonly<Record<string, OnnxRuntime.Tensor>>;

export interface Opening {
  readonly runtime: typeof OnnxRuntime;
  readonly program: TrainingProgram;
  readonly threads: number;
  readonly weights: Float32Array;
  readonly pushed: Float32Array;
}

/** A graph as it is called in messages. */
export function graphLabel(which: string, { name }: TrainingProgram): string {
  return `the ${which} graph of "${name}"`;
}

/** A loaded graph with all that its runs share; the tensors are views, so a run copies neither weights nor gradients. */
export class LoadedGraph {
  readonly #opening: Opening;
  readonly #label: string;
  readonly #session: OnnxRuntime.InferenceSession;
  readonly #variables: Tensors;
  /** Feeds with the names of the graph inputs that take them. */
  readonly #feeds: readonly (readonly [input: string, feed: Feed])[];
  readonly #fetches: OnnxRuntime.InferenceSession.NullableOnnxValueMapType;
  /** Sum and weight of each loss and metric, in the program's order. */
  readonly #scalars: Float32Array;
  readonly #rowWeights: readonly OutputBinding[];

  private constructor(opening: Opening, which: string, executable: Executable, session: OnnxRuntime.InferenceSession) {
    const { program, weights } = opening;
    this.#opening = opening;
    this.#label = graphLabel(which, program);
    this.#session = session;
    const { inputNames, outputNames } = session;
    checkBindings(program, executable, { label: this.#label, inputNames, outputNames });
    this.#variables = Object.fromEntries(
      executable.inputs.flatMap((bound) => {
        const variable = bound.role === "variable" ? layoutNamed(program, bound.variable) : undefined;
        return variable ? [[bound.input, this.#view(weights, variable)]] : [];
      }),
    );
    this.#feeds = executable.inputs.flatMap((bound) => {
      const feed = bound.role === "feed" ? feedNamed(program, bound.feed) : undefined;
      return feed ? [[bound.input, feed] as const] : [];
    });
    this.#scalars = new Float32Array(2 * program.scalars.length);
    this.#fetches = Object.fromEntries(executable.outputs.map((bound) => [bound.output, this.#fetch(bound)]));
    this.#rowWeights = executable.outputs.filter(({ role }) => role === "rowWeights");
  }

  static async load(opening: Opening, which: string, executable: Executable): Promise<LoadedGraph> {
    const { runtime, program, threads } = opening;
    let session: OnnxRuntime.InferenceSession;
    try {
      session = await runtime.InferenceSession.create(executable.bytes, cpuSessionOptions(threads));
    } catch (cause) {
      throw programError(program, `the ${which} graph cannot be loaded: ${nativeMessage(cause)}`, cause);
    }
    try {
      return new LoadedGraph(opening, which, executable, session);
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  /** Runs the graph; gradients and next states are written in place. */
  async run(batch: Batch): Promise<StepResult> {
    await this.#execute(batch);
    return Object.fromEntries(
      this.#opening.program.scalars.map(({ name }, index) => {
        const [sum = Number.NaN, weight = Number.NaN] = this.#scalars.subarray(2 * index, 2 * index + 2);
        return [name, { sum, weight }];
      }),
    );
  }

  /** Runs the graph for what each row weighs, by scalar name. */
  async weigh(batch: Batch): Promise<Readonly<Record<string, Float32Array>>> {
    const results = await this.#execute(batch);
    const weights: Record<string, Float32Array> = {};
    for (const bound of this.#rowWeights) {
      const data = results[bound.output]?.data;
      if (bound.role === "rowWeights" && data instanceof Float32Array) weights[bound.scalar] = data;
    }
    return weights;
  }

  release(): Promise<void> {
    return this.#session.release();
  }

  async #execute(batch: Batch): Promise<OnnxRuntime.InferenceSession.ReturnType> {
    const { program } = this.#opening;
    checkBatch(
      program,
      batch,
      this.#feeds.map(([, feed]) => feed),
    );
    const feeds = this.#feeds.flatMap(([input, { name, dtype }]) => {
      const array = batch.feeds[name];
      return array ? [[input, this.#tensor(dtype, array)] as const] : [];
    });
    try {
      return await this.#session.run({ ...this.#variables, ...Object.fromEntries(feeds) }, this.#fetches);
    } catch (cause) {
      const message = `${this.#label} failed on a batch of ${batch.rows} rows: ${nativeMessage(cause)}`;
      throw new RunError({ code: "ENGINE_RUN_FAILED", message }, { cause });
    }
  }

  #tensor(dtype: DataType, { shape, data }: NDArray): OnnxRuntime.Tensor {
    const { Tensor } = this.#opening.runtime;
    if (dtype === "int64") return new Tensor("int64", BigInt64Array.from(data, BigInt), shape);
    if (dtype === "bool")
      return new Tensor(
        "bool",
        Uint8Array.from(data, (item) => (item === 0 ? 0 : 1)),
        shape,
      );
    return new Tensor(dtype, data, shape);
  }

  #view(flat: Float32Array, { offset, length, shape }: VariableLayout): OnnxRuntime.Tensor {
    return new this.#opening.runtime.Tensor("float32", flat.subarray(offset, offset + length), shape);
  }

  /** Where an output is written; null for one that is as long as the batch, which the runtime makes. */
  #fetch(bound: OutputBinding): OnnxRuntime.Tensor | null {
    const { program, pushed, runtime } = this.#opening;
    if (bound.role === "rowWeights") return null;
    if (!("variable" in bound)) {
      const index = 2 * program.scalars.findIndex(({ name }) => name === bound.scalar) + (bound.role === "sum" ? 0 : 1);
      const data = this.#scalars.subarray(index, index + 1);
      return new runtime.Tensor("float32", data, this.#scalarShape(bound.output));
    }
    const variable = layoutNamed(program, bound.variable);
    const role = bound.role === "gradient" ? "trained" : "state";
    if (variable?.role === role) return this.#view(pushed, variable);
    throw programError(program, `${this.#label} puts out a ${bound.role} of "${bound.variable}", which is not ${role}`);
  }

  /** `[]` or `[1]`, whichever the graph says: a preallocated output must have exactly the output's shape. */
  #scalarShape(output: string): readonly number[] {
    const meta = this.#session.outputMetadata.find(({ name }) => name === output);
    const shape = meta?.isTensor === true ? meta.shape : [];
    if (shape.every((dim) => dim === 1)) return shape.map(() => 1);
    const found = `output "${output}" of ${this.#label} has shape [${shape.join(",")}]`;
    throw programError(this.#opening.program, `${found}, expected one number`);
  }
}
