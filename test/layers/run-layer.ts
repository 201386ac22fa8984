import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { extendGraph } from "../../runtime/graph/builder.js";
import { differentiate } from "../../runtime/graph/differentiate.js";
import { toOnnx } from "../../runtime/graph/onnx.js";
import { beforeGradients, simplify } from "../../runtime/graph/passes/index.js";
import type { Graph, GraphBuilder, Value } from "../../runtime/graph/types.js";
import { model } from "../../runtime/layers/index.js";
import { isFed } from "../../runtime/layers/model-checks.js";
import { reachableLayers } from "../../runtime/layers/reachable.js";
import { tensorsFrom } from "../../runtime/layers/tensors.js";
import type { Network, Scalar, Tensor } from "../../runtime/layers/types.js";
import { type LoweredNetwork, lowerNetwork } from "../../runtime/program/lower.js";
import { targetNamed } from "../../runtime/targets/index.js";

const { lower: lowerForEngine } = targetNamed("onnxruntime");

export interface Feeds {
  readonly [name: string]: {
    readonly data: Float32Array | Int32Array | readonly bigint[];
    readonly dims: readonly number[];
  };
}

interface Output {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface Outcome {
  /** Of the first output. */
  readonly shape: readonly number[];
  readonly y: Float32Array;
  readonly outputs: readonly Output[];
  /** What layers write, by variable name. */
  readonly next: Readonly<Record<string, Float32Array>>;
  /** By variable and input name: the gradients of y, or of Σ c·y over all outputs where y is no scalar. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

export interface RunOptions {
  /** The layer's output or outputs, or a loss or metric, whose value is sum / weight. */
  readonly y: Tensor | Scalar | readonly Tensor[];
  /** By name of input, label, variable and mask (`mask:layer`); `cotangent0`, … in the shape of each y that is no scalar. */
  readonly feeds: Feeds;
  readonly training?: boolean;
  /** What y is differentiated by: names of float inputs and variables. Default `x` and all trained variables. */
  readonly gradients?: readonly string[] | false;
}

type End = Tensor | Scalar;

const endsOf = (y: RunOptions["y"]): readonly End[] => ("kind" in y ? [y] : y);

/** A network of what these need. */
export function networkOf(y: RunOptions["y"]): Network {
  const ends = endsOf(y);
  const sources = reachableLayers(ends).filter(isFed);
  const tensors = (isInput: boolean) =>
    sources.filter(({ type }) => (type === "input") === isInput).flatMap((layer) => tensorsFrom(layer));
  const parts = { name: "test", inputs: tensors(true), labels: tensors(false) };
  const outputs = ends.flatMap((end, index) => (end.kind === "tensor" ? [[`y${index}`, end] as const] : []));
  const scalar = ends.find((end) => end.kind === "scalar");
  if (scalar === undefined) return model({ ...parts, outputs: Object.fromEntries(outputs) });
  if (scalar.layer.role === "loss") return model({ ...parts, loss: scalar });
  return model({ ...parts, metrics: { metric: scalar }, outputs: { given: firstInput(parts) } });
}

/** Any output, for a network that has a metric only. */
function firstInput({ inputs }: { readonly inputs: readonly Tensor[] }): Tensor {
  const [first] = inputs;
  if (first === undefined) throw new Error("a metric of nothing");
  return first;
}

/** The ends of a network, which are the ones it was made of under their final names. */
function endsIn({ losses, metrics, outputs }: Network): readonly End[] {
  const scalar = losses.loss?.scalar ?? metrics.metric;
  return scalar === undefined ? Object.values(outputs) : [scalar];
}

function rowsOf(g: GraphBuilder, { columns }: LoweredNetwork): Value {
  const [column] = columns.values();
  if (column === undefined) throw new Error("the network takes no data");
  return g.op("Cast", [g.op("Gather", [g.op("Shape", [column]), g.scalar(0, "int64")])], { to: "float32" });
}

function graphValue(lowered: LoweredNetwork, end: End): Value {
  if (end.kind === "tensor") return lowered.valueFor(end);
  const { g } = lowered;
  const { sum: total, weight } = lowered.meanFor(end);
  const whole =
    typeof weight === "number"
      ? g.op("Mul", [rowsOf(g, lowered), g.scalar(weight)])
      : g.op("ReduceSum", [weight], { keepdims: 0 });
  return g.op("Div", [total, whole]);
}

/** What is differentiated: a loss, or Σ c·y over all outputs. */
function putOutTotal(g: GraphBuilder, ends: readonly End[], values: readonly Value[]): void {
  const terms = values.map((value, index) => {
    if (ends[index]?.kind === "scalar") return value;
    const c = g.input(`cotangent${index}`, "float32", value.shape);
    return g.op("ReduceSum", [g.op("Mul", [value, c])], { keepdims: 0 });
  });
  g.output(
    "loss",
    terms.reduce((total, term) => g.op("Add", [total, term])),
  );
}

/** Lowers what `y` needs, differentiates it, and runs it. */
export async function runLayer({ y, feeds, training = true, gradients }: RunOptions): Promise<Outcome> {
  const network = networkOf(y);
  const ends = endsIn(network);
  const lowered = lowerNetwork(network, { name: "test", training, ends });
  const { g } = lowered;
  const values = ends.map((end) => graphValue(lowered, end));
  for (const [index, value] of values.entries()) g.output(`y${index}`, value);
  for (const [name, next] of lowered.next) g.output(`next ${name}`, next);

  const trained = network.variables.filter(({ role }) => role === "trained").map(({ name }) => name);
  const given: readonly string[] = gradients === false ? [] : (gradients ?? ["x", ...trained]);
  const inputs = new Map<string, Value>([...lowered.columns, ...lowered.variables]);
  const wanted = given.flatMap((name) => {
    const input = inputs.get(name);
    return input?.dtype === "float32" ? [{ name, input }] : [];
  });
  if (wanted.length > 0) putOutTotal(g, ends, values);
  const results = await run(withGradients(lowered, wanted), lowered, feeds);
  const floats = (name: string) => Float32Array.from(results[name]?.data as Float32Array, Number);
  const outputs = values.map((_, index) => ({ shape: results[`y${index}`]?.dims ?? [], data: floats(`y${index}`) }));
  return {
    shape: outputs[0]?.shape ?? [],
    y: outputs[0]?.data ?? new Float32Array(0),
    outputs,
    next: Object.fromEntries([...lowered.next.keys()].map((name) => [name, floats(`next ${name}`)])),
    gradients: Object.fromEntries(wanted.map(({ name }) => [name, floats(`d ${name}`)])),
  };
}

function withGradients({ g }: LoweredNetwork, wanted: readonly { readonly name: string; readonly input: Value }[]) {
  if (wanted.length === 0) return g.build();
  const prepared = beforeGradients(
    g.build(),
    wanted.map(({ input }) => input.name),
  );
  const backward = extendGraph(prepared);
  const loss = prepared.outputs.find(({ name }) => name === "loss");
  const inputs = new Map(prepared.inputs.map((input) => [input.name, input]));
  const wrt = wanted.map(({ input }) => inputs.get(input.name) ?? input);
  if (loss === undefined) throw new Error("the loss is gone");
  for (const [index, gradient] of differentiate(backward, loss.value, wrt).entries()) {
    backward.output(`d ${wanted[index]?.name}`, gradient);
  }
  return backward.build();
}

async function run(graph: Graph, { inputs }: LoweredNetwork, feeds: Feeds) {
  const session = await InferenceSession.create(toOnnx(lowerForEngine(simplify(graph))), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  try {
    const bindings = inputs.map((binding): [string, string] => {
      return [binding.role === "variable" ? binding.variable : binding.feed, binding.input];
    });
    const cotangents = session.inputNames
      .filter((name) => /^cotangent/.test(name))
      .map((name) => [name, name] as const);
    const used = [...bindings, ...cotangents].filter(([, input]) => session.inputNames.includes(input));
    return await session.run(Object.fromEntries(used.map(([name, input]) => [input, tensorFor(name, feeds)])));
  } finally {
    await session.release();
  }
}

function tensorFor(name: string, feeds: Feeds): OrtTensor {
  const feed = feeds[name];
  if (feed === undefined) throw new Error(`nothing is fed for "${name}"`);
  const { data, dims } = feed;
  if (data instanceof Float32Array) return new OrtTensor("float32", data, dims);
  return data instanceof Int32Array
    ? new OrtTensor("int32", data, dims)
    : new OrtTensor("int64", BigInt64Array.from(data), dims);
}

/** Largest |a − b| ÷ largest |b|. */
export function relativeError(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (found.length !== wanted.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let size = 1e-30;
  for (let i = 0; i < wanted.length; i += 1) {
    const gap = Math.abs((found[i] ?? Number.NaN) - (wanted[i] ?? Number.NaN));
    difference = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(difference, gap);
    size = Math.max(size, Math.abs(wanted[i] ?? 0));
  }
  return difference / size;
}
