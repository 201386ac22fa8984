import type * as OnnxRuntime from "onnxruntime-node";
import type { NDArray } from "../array.js";
import { cpuSessionOptions, loadOnnxRuntime, nativeMessage } from "../engines/native.js";
import { isBaseError, ModelFileError, RunError } from "../errors.js";
import type { DataType } from "../graph/types.js";
import type { InputBinding } from "../program/types.js";
import type { TrainedResult } from "./read-result.js";

/** A graph of a result folder, ready to run. Not reentrant: await each call before the next. */
export interface ResultSession {
  /** Runs the graph on a batch, columns by name in private memory; gives every output by its name in the graph. */
  run(columns: Readonly<Record<string, NDArray>>): Promise<Readonly<Record<string, NDArray>>>;
  close(): Promise<void>;
}

export interface SessionOptions {
  /** Operator threads. Default: as in the run, so that the same batches give the same bits. */
  readonly threads?: number;
}

/**
 * Opens the evaluation or the inference of a result, with its weights.
 *
 * Throws ModelFileError RESULT_FILE_DAMAGED for a graph that cannot be loaded, and RunError ENGINE_*.
 */
export async function openResult(
  { record, weights, program }: TrainedResult,
  which: "evaluate" | "infer",
  { threads = record.options.threads }: SessionOptions = {},
): Promise<ResultSession> {
  const runtime = await loadOnnxRuntime();
  const { bytes, inputs } = program[which];
  const session = await runtime.InferenceSession.create(bytes, cpuSessionOptions(threads)).catch((cause: unknown) => {
    const message = `the graph to ${which} "${record.network}" cannot be loaded: ${nativeMessage(cause)}`;
    throw new ModelFileError({ code: "RESULT_FILE_DAMAGED", message }, { cause });
  });
  const types = new Map(program.feeds.map(({ name, dtype }) => [name, dtype]));
  const constant = variablesOf(runtime, inputs, weights);
  return {
    async run(columns) {
      const feeds = inputs.flatMap((bound) => {
        const column = bound.role === "feed" ? columns[bound.feed] : undefined;
        if (bound.role !== "feed" || column === undefined) return [];
        return [[bound.input, tensor(runtime, types.get(bound.feed) ?? "float32", column)] as const];
      });
      try {
        return arraysOf(await session.run({ ...constant, ...Object.fromEntries(feeds) }));
      } catch (cause) {
        if (isBaseError(cause)) throw cause;
        const message = `the graph to ${which} "${record.network}" failed: ${nativeMessage(cause)}`;
        throw new RunError({ code: "ENGINE_RUN_FAILED", message }, { cause });
      }
    },
    close: () => session.release(),
  };
}

function variablesOf(runtime: typeof OnnxRuntime, inputs: readonly InputBinding[], weights: TrainedResult["weights"]) {
  const bound = inputs.flatMap((one) => {
    const array = one.role === "variable" ? weights[one.variable] : undefined;
    return array === undefined ? [] : [[one.input, tensor(runtime, "float32", array)] as const];
  });
  return Object.fromEntries(bound);
}

function tensor({ Tensor }: typeof OnnxRuntime, dtype: DataType, { shape, data }: NDArray): OnnxRuntime.Tensor {
  if (dtype === "int64") return new Tensor("int64", BigInt64Array.from(data, BigInt), shape);
  if (dtype === "bool") return new Tensor("bool", Uint8Array.from(data, Number), shape);
  return new Tensor(dtype, data, shape);
}

/** Whole numbers and flags as int32; a larger number would be another one. */
function integersOf(name: string, data: Iterable<bigint | number>): Int32Array {
  const numbers = Array.from(data, Number);
  const large = numbers.find((value) => value !== Math.trunc(value) || value < -(2 ** 31) || value >= 2 ** 31);
  if (large === undefined) return Int32Array.from(numbers);
  const message = `the output "${name}" holds ${large}, expected whole numbers within 32 bits`;
  throw new RunError({ code: "DATA_NOT_INTEGER", message });
}

function arraysOf(results: OnnxRuntime.InferenceSession.ReturnType): Readonly<Record<string, NDArray>> {
  const arrays = Object.entries(results).map(([name, { data, dims }]): [string, NDArray] => {
    const isOurs = data instanceof Float32Array || data instanceof Int32Array;
    return [name, { shape: dims, data: isOurs ? data : integersOf(name, data as Iterable<bigint | number>) }];
  });
  return Object.fromEntries(arrays);
}
