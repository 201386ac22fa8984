import { InferenceSession, Tensor } from "onnxruntime-node";
import { graphBuilder } from "../../runtime/graph/builder.js";
import { differentiate } from "../../runtime/graph/differentiate.js";
import { evaluate, symbolsOf } from "../../runtime/graph/lengths.js";
import { toOnnx } from "../../runtime/graph/onnx.js";
import { lowerOperators } from "../../runtime/graph/passes/by-row.js";
import { rewrite } from "../../runtime/graph/passes/rewrite.js";
import type { DataType, Dim, Graph, GraphBuilder, Value } from "../../runtime/graph/types.js";

export interface Feed {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | readonly number[];
}

export type Feeds = Readonly<Record<string, Feed>>;

export interface Result {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface Runner {
  run(feeds: Feeds): Promise<Readonly<Record<string, Result>>>;
  close(): Promise<void>;
}

/** The graph in onnxruntime, on one thread and without optimizations that would hide what we emit. */
export async function open(graph: Graph, optimize = false): Promise<Runner> {
  const session = await InferenceSession.create(toOnnx(rewrite(graph, lowerOperators)), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: optimize ? "all" : "disabled",
    logSeverityLevel: 3,
  });
  return {
    run: async (feeds) => {
      const used = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
      const tensors = Object.fromEntries(used.map(([name, feed]) => [name, tensorOf(feed)]));
      const results = await session.run(tensors);
      return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, resultOf(result)]));
    },
    close: () => session.release(),
  };
}

export async function runOnce(graph: Graph, feeds: Feeds = {}): Promise<Readonly<Record<string, Result>>> {
  const runner = await open(graph);
  try {
    return await runner.run(feeds);
  } finally {
    await runner.close();
  }
}

function tensorOf({ dtype, shape, data }: Feed): Tensor {
  switch (dtype) {
    case "float32":
      return new Tensor("float32", Float32Array.from(data), shape);
    case "int32":
      return new Tensor("int32", Int32Array.from(data), shape);
    case "int64":
      return new Tensor("int64", BigInt64Array.from(Array.from(data, BigInt)), shape);
    case "bool":
      return new Tensor("bool", Uint8Array.from(data), shape);
  }
}

function resultOf({ dims, data }: Tensor): Result {
  const numbers: number[] = [];
  for (const item of data) numbers.push(Number(item));
  return { shape: dims, data: numbers };
}

/** Mulberry32: the same numbers on every run. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((total, length) => total * length, 1);
}

export function uniform(
  shape: readonly number[],
  random: () => number,
  [low, high]: readonly [number, number] = [-1, 1],
): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * random());
}

/** Numbers in random order that are at least `gap` apart and at least gap/2 from 0: no ties, no kinks near. */
export function apart(shape: readonly number[], random: () => number, gap = 0.15): Float32Array {
  const size = sizeOf(shape);
  const values = Array.from({ length: size }, (_, index) => (index - size / 2 + 0.5) * gap);
  for (let index = size - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [values[index], values[other]] = [values[other] ?? 0, values[index] ?? 0];
  }
  return Float32Array.from(values);
}

/** The shape with the batch put in, and 3 for any other named length. */
export function atBatch(shape: readonly Dim[], rows: number): readonly number[] {
  return shape.map((dim) => {
    const symbols = symbolsOf(dim).map((symbol) => [symbol, symbol === "N" ? rows : 3] as const);
    return evaluate(dim, Object.fromEntries(symbols));
  });
}

export function named(result: Readonly<Record<string, Result>>, name: string): Result {
  const found = result[name];
  if (!found) throw new Error(`no output "${name}"`);
  return found;
}

export interface GradientCase<Name extends string = string> {
  readonly name: string;
  /** Float inputs by name, axis lengths with "N" for the batch. All are differentiated. */
  readonly inputs: Readonly<Record<Name, readonly Dim[]>>;
  /** A method, so that cases of any names are in one list. */
  build(g: GraphBuilder, x: Readonly<Record<Name, Value>>): Value;
  /** Range of the inputs, or "apart": no ties and no kinks. Default [-1, 1]. */
  readonly values?: readonly [number, number] | "apart";
  /** How far "apart" inputs are: more than four steps. Default 0.15. */
  readonly gap?: number;
  readonly rows?: number;
}

export interface Difference {
  /** ⟨v, Jᵀu⟩ by the gradient rules and by central differences. */
  readonly analytic: number;
  readonly numeric: number;
  /** |analytic − numeric| relative to the sum of the magnitudes of the terms. */
  readonly error: number;
}

/**
 * Compares the gradient with a central difference in a random direction v and a random weighting u of the outputs. The
 * kernels are float32 only, so the step is large (1e-2) and two steps are combined (Richardson) against curvature; the
 * sums are done here in float64.
 */
export async function difference(test: GradientCase, seed = 1): Promise<Difference> {
  const rows = test.rows ?? 2;
  const g = graphBuilder("difference");
  const x = Object.fromEntries(
    Object.entries(test.inputs).map(([name, shape]) => [name, g.input(name, "float32", shape)]),
  );
  const y = test.build(g, x);
  const weighting = g.input("weighting", "float32", y.shape);
  const axes = y.shape.map((_, axis) => axis);
  const weighted = g.op("Mul", [y, weighting]);
  const loss = axes.length === 0 ? weighted : g.op("ReduceSum", [weighted, g.ints(axes)], { keepdims: 0 });
  const gradients = differentiate(g, loss, Object.values(x));
  g.output("result", y);
  for (const [index, name] of Object.keys(x).entries()) {
    const gradient = gradients[index];
    if (gradient) g.output(`grad:${name}`, gradient);
  }
  const random = generator(seed);
  const shapes = Object.entries(test.inputs).map(([name, shape]) => [name, atBatch(shape, rows)] as const);
  const point = new Map(pointOf(test, shapes, random));
  const direction = new Map(shapes.map(([name, shape]) => [name, uniform(shape, random)]));
  const u = { dtype: "float32" as const, shape: atBatch(y.shape, rows), data: uniform(atBatch(y.shape, rows), random) };
  const runner = await open(g.build());
  try {
    const at = (step: number) => {
      const moved = shapes.map(([name, shape]) => {
        const data = Float32Array.from(
          point.get(name) ?? [],
          (value, index) => value + step * (direction.get(name)?.[index] ?? 0),
        );
        return [name, { dtype: "float32" as const, shape, data }];
      });
      return runner.run({ ...Object.fromEntries(moved), weighting: u });
    };
    const base = await at(0);
    const slope = async (step: number) => {
      const [ahead, behind] = [named(await at(step), "result").data, named(await at(-step), "result").data];
      return ahead.map((value, index) => ((value - (behind[index] ?? 0)) / (2 * step)) * (u.data[index] ?? 0));
    };
    const [near, far] = [await slope(1e-2), await slope(2e-2)];
    const terms = near.map((value, index) => (4 * value - (far[index] ?? 0)) / 3);
    const products = shapes.flatMap(([name, shape]) => {
      const gradient = named(base, `grad:${name}`);
      if (gradient.shape.join() !== shape.join()) throw new Error(`gradient of ${name} has shape [${gradient.shape}]`);
      return gradient.data.map((value, index) => value * (direction.get(name)?.[index] ?? 0));
    });
    const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
    const [analytic, numeric] = [total(products), total(terms)];
    const scale = Math.max(total(products.map(Math.abs)), total(terms.map(Math.abs)), 1e-3);
    return { analytic, numeric, error: Math.abs(analytic - numeric) / scale };
  } finally {
    await runner.close();
  }
}

/** Where the gradient is taken. "apart" holds over all inputs together, so that none ties with another. */
function pointOf(
  { values, gap }: GradientCase,
  shapes: readonly (readonly [string, readonly number[]])[],
  random: () => number,
): readonly (readonly [string, Float32Array])[] {
  if (values !== "apart") return shapes.map(([name, shape]) => [name, uniform(shape, random, values)]);
  const all = apart([shapes.reduce((total, [, shape]) => total + sizeOf(shape), 0)], random, gap);
  let taken = 0;
  return shapes.map(([name, shape]) => {
    taken += sizeOf(shape);
    return [name, all.slice(taken - sizeOf(shape), taken)];
  });
}
