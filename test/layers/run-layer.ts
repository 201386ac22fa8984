import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { graphBuilder } from "../../runtime/graph/builder.js";
import { differentiate } from "../../runtime/graph/differentiate.js";
import { toOnnx } from "../../runtime/graph/onnx.js";
import { runPasses } from "../../runtime/graph/passes/index.js";
import { reachableLayers } from "../../runtime/layers/model-checks.js";
import type { Tensor } from "../../runtime/layers/types.js";
import { declareInputs, lowerLayers } from "../../runtime/program/lower.js";

export interface Feeds {
  readonly [name: string]: { readonly data: Float32Array | Int32Array; readonly dims: readonly number[] };
}

export interface Outcome {
  readonly shape: readonly number[];
  readonly y: Float32Array;
  /** By parameter name and `x`: the gradients of y, or of Σ c·y where y is no scalar. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

export interface RunOptions {
  /** The layer's output. Sources are the inputs `x` and `label` or `target`. */
  readonly y: Tensor;
  readonly feeds: Feeds;
  readonly training?: boolean;
  /** Default true. */
  readonly gradients?: boolean;
}

/** Lowers what `y` needs, differentiates it by x and the parameters, and runs it. */
export async function runLayer({ y, feeds, training = true, gradients = true }: RunOptions): Promise<Outcome> {
  const nodes = reachableLayers([y]);
  const sources = nodes.filter(({ type }) => ["input", "label", "target"].includes(type));
  const asTensor = (name: string): Tensor[] =>
    nodes.flatMap(({ inputs }) => inputs.filter((input) => input.name === name)).slice(0, 1);
  const parameters = nodes.flatMap((node) => [...node.parameters]);
  const g = graphBuilder("test");
  const inputs = declareInputs(g, { parameters, inputs: sources.flatMap(({ name }) => asTensor(name)), labels: [] });
  const { valueFor } = lowerLayers({ g, nodes, training, inputs });
  const value = valueFor(y);
  g.output("y", value);
  const wanted = gradients ? ["x", ...parameters.map(({ name }) => name)] : [];
  if (gradients) {
    const cotangent = y.perBatch ? undefined : g.input("c", "float32", ["N", ...y.shape]);
    const loss =
      cotangent === undefined ? value : g.op("ReduceSum", [g.op("Mul", [value, cotangent])], { keepdims: 0 });
    const wrt = wanted.flatMap((name) => inputs.get(name) ?? []);
    for (const [index, gradient] of differentiate(g, loss, wrt).entries()) g.output(`d ${wanted[index]}`, gradient);
  }
  const session = await InferenceSession.create(toOnnx(runPasses(g.build())), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    const used = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
    const results = await session.run(
      Object.fromEntries(
        used.map(([name, { data, dims }]) => [
          name,
          data instanceof Int32Array ? new OrtTensor("int32", data, dims) : new OrtTensor("float32", data, dims),
        ]),
      ),
    );
    const floats = (name: string) => Float32Array.from(results[name]?.data as Float32Array);
    return {
      shape: results.y?.dims ?? [],
      y: floats("y"),
      gradients: Object.fromEntries(wanted.map((name) => [name, floats(`d ${name}`)])),
    };
  } finally {
    await session.release();
  }
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
