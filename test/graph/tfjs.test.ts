import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
// The gradient of its product calls methods of tensors.
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";
import { beforeAll, describe, expect, test } from "vitest";
import { graphBuilder } from "../../runtime/graph/builder.js";
import { differentiate } from "../../runtime/graph/differentiate.js";
import type { GraphBuilder, Value } from "../../runtime/graph/types.js";
import { call } from "./cases/case.js";
import { apart, generator, named, runOnce, uniform } from "./support.js";

beforeAll(async () => {
  // Without this it prints an advertisement for another backend.
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

type Arrays<Name extends string = string> = Readonly<
  Record<Name, { readonly shape: readonly number[]; readonly data: Float32Array }>
>;

/** Gradients of Σ y·y with respect to all inputs, by our rules. */
async function ours<Name extends string>(
  inputs: Arrays<Name>,
  build: (g: GraphBuilder, x: Readonly<Record<Name, Value>>) => Value,
) {
  const g = graphBuilder("second opinion");
  const arrays: Arrays = inputs;
  const x = Object.fromEntries(
    Object.entries(arrays).map(([name, { shape }]) => [name, g.input(name, "float32", shape)]),
  );
  const y = build(g, x as Readonly<Record<Name, Value>>);
  const loss = g.op("ReduceSum", [g.op("Mul", [y, y])], { keepdims: 0 });
  const names = Object.keys(x);
  for (const [index, gradient] of differentiate(g, loss, Object.values(x)).entries())
    g.output(`grad:${names[index]}`, gradient);
  const feeds = Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [name, { dtype: "float32" as const, ...array }]),
  );
  const result = await runOnce(g.build(), feeds);
  return names.map((name) => named(result, `grad:${name}`).data);
}

/** The same by tfjs. */
function theirs(inputs: Arrays, build: (x: tf.Tensor[]) => tf.Tensor): readonly (readonly number[])[] {
  const tensors = Object.values(inputs).map(({ shape, data }) => tf.tensor(data, [...shape]));
  const gradients = tf.grads((...x: tf.Tensor[]) => tf.sum(tf.square(build(x))))(tensors);
  return gradients.map((gradient) => Array.from(gradient.dataSync()));
}

function expectClose(found: readonly (readonly number[])[], wanted: readonly (readonly number[])[]): void {
  expect(found.length).toBe(wanted.length);
  for (const [index, values] of found.entries()) {
    const reference = wanted[index] ?? [];
    expect(values.length).toBe(reference.length);
    const largest = Math.max(...reference.map(Math.abs));
    const worst = Math.max(...values.map((value, i) => Math.abs(value - (reference[i] ?? Number.NaN))));
    expect(worst / largest).toBeLessThan(1e-5);
  }
}

const toNhwc = (x: tf.Tensor) => tf.transpose(x, [0, 2, 3, 1]);
const toNchw = (x: tf.Tensor) => tf.transpose(x, [0, 3, 1, 2]);
const rank4 = (x: tf.Tensor) => tf.reshape<tf.Rank.R4>(x, fourOf(x.shape));
const image = (x: tf.Tensor | undefined) => rank4(toNhwc(x ?? tf.zeros([1, 1, 1, 1])));

function fourOf([a = 1, b = 1, c = 1, d = 1]: readonly number[]): [number, number, number, number] {
  return [a, b, c, d];
}

const convs: readonly {
  readonly strides: [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly dilations: [number, number];
}[] = [
  { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] },
  { strides: [1, 1], pads: [2, 1, 0, 1], dilations: [1, 1] },
  { strides: [2, 2], pads: [1, 0, 1, 2], dilations: [1, 1] },
];

describe("gradients equal those of tfjs", () => {
  test.each(convs)("Conv %j", async ({ strides, pads: [top, left, bottom, right], dilations }) => {
    const random = generator(11);
    const inputs = {
      x: { shape: [2, 3, 8, 7], data: uniform([2, 3, 8, 7], random) },
      w: { shape: [4, 3, 3, 2], data: uniform([4, 3, 3, 2], random) },
    };
    const attributes = { strides, dilations, pads: [top, left, bottom, right] };
    const found = await ours(inputs, (g, { x, w }) => g.op("Conv", [x, w], attributes));
    const wanted = theirs(inputs, ([x, w]) => {
      const kernel = tf.transpose(w ?? tf.zeros([1]), [2, 3, 1, 0]);
      const around: [[number, number], [number, number], [number, number], [number, number]] = [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ];
      return toNchw(tf.conv2d(image(x), rank4(kernel), strides, around, "NHWC", dilations));
    });
    expectClose(found, wanted);
  });

  test("depthwise Conv", async () => {
    const random = generator(12);
    const inputs = {
      x: { shape: [2, 3, 7, 7], data: uniform([2, 3, 7, 7], random) },
      w: { shape: [3, 1, 3, 3], data: uniform([3, 1, 3, 3], random) },
    };
    const found = await ours(inputs, (g, { x, w }) => g.op("Conv", [x, w], { group: 3, strides: [2, 2] }));
    const wanted = theirs(inputs, ([x, w]) => {
      const kernel = tf.transpose(w ?? tf.zeros([1]), [2, 3, 0, 1]);
      return toNchw(tf.depthwiseConv2d(image(x), rank4(kernel), [2, 2], "valid"));
    });
    expectClose(found, wanted);
  });

  test.each([
    { kernel_shape: [2, 2], strides: [2, 2] },
    { kernel_shape: [3, 3], strides: [2, 2] },
    { kernel_shape: [3, 2], strides: [1, 1] },
  ])("MaxPool and AveragePool %j", async ({ kernel_shape, strides }) => {
    const [kernel, stride] = [
      [kernel_shape[0] ?? 1, kernel_shape[1] ?? 1],
      [strides[0] ?? 1, strides[1] ?? 1],
    ] as const;
    const inputs = { x: { shape: [2, 3, 7, 8], data: apart([2, 3, 7, 8], generator(13), 0.01) } };
    const largest = await ours(inputs, (g, { x }) => g.op("MaxPool", [x], { kernel_shape, strides }));
    expectClose(
      largest,
      theirs(inputs, ([x]) => toNchw(tf.maxPool(image(x), [...kernel], [...stride], "valid"))),
    );
    const mean = await ours(inputs, (g, { x }) => g.op("AveragePool", [x], { kernel_shape, strides }));
    expectClose(
      mean,
      theirs(inputs, ([x]) => toNchw(tf.avgPool(image(x), [...kernel], [...stride], "valid"))),
    );
  });

  const functions: readonly (readonly [string, (x: tf.Tensor) => tf.Tensor])[] = [
    ["Abs", tf.abs],
    ["Clip", (x) => tf.clipByValue(x, -3.4e38, 3.4e38)],
    ["Cos", tf.cos],
    ["Elu", tf.elu],
    ["Erf", tf.erf],
    ["Exp", tf.exp],
    ["LeakyRelu", (x) => tf.leakyRelu(x, Math.fround(0.01))],
    ["LogSoftmax", (x) => tf.logSoftmax(x)],
    ["Neg", tf.neg],
    ["Relu", tf.relu],
    ["Selu", tf.selu],
    ["Sigmoid", tf.sigmoid],
    ["Sin", tf.sin],
    ["Softmax", (x) => tf.softmax(x)],
    ["Softplus", tf.softplus],
    ["Tanh", tf.tanh],
    ["Transpose", (x) => tf.transpose(x)],
  ];
  test.each(functions)("%s", async (op, reference) => {
    const inputs = { x: { shape: [4, 6], data: apart([4, 6], generator(14)) } };
    const found = await ours(inputs, (g, { x }) => call(g, op, [x]));
    expectClose(
      found,
      theirs(inputs, ([x]) => reference(x ?? tf.zeros([1]))),
    );
  });

  const reductions: readonly (readonly [string, (x: tf.Tensor, axis: number) => tf.Tensor])[] = [
    ["ReduceLogSumExp", (x, axis) => tf.logSumExp(x, axis)],
    ["ReduceL1", (x, axis) => tf.norm(x, 1, axis)],
    ["ReduceL2", (x, axis) => tf.norm(x, "euclidean", axis)],
    ["ReduceMax", (x, axis) => tf.max(x, axis)],
    ["ReduceMean", (x, axis) => tf.mean(x, axis)],
    ["ReduceMin", (x, axis) => tf.min(x, axis)],
    ["ReduceProd", (x, axis) => tf.prod(x, axis)],
    ["ReduceSum", (x, axis) => tf.sum(x, axis)],
    ["ReduceSumSquare", (x, axis) => tf.sum(tf.square(x), axis)],
  ];
  test.each(reductions)("%s", async (op, reference) => {
    const inputs = { x: { shape: [3, 4, 2], data: apart([3, 4, 2], generator(15)) } };
    for (const axis of [0, 1, 2]) {
      const found = await ours(inputs, (g, { x }) => call(g, op, [x, g.ints([axis])], { keepdims: 0 }));
      expectClose(
        found,
        theirs(inputs, ([x]) => reference(x ?? tf.zeros([1]), axis)),
      );
    }
  });

  const pairs: readonly (readonly [string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor])[] = [
    ["Add", tf.add],
    ["Div", tf.div],
    ["MatMul", (a, b) => tf.matMul(a, tf.reshape(b, [2, 2]))],
    ["Max", tf.maximum],
    ["Min", tf.minimum],
    ["Mul", tf.mul],
    ["Pow", tf.pow],
    ["Sub", tf.sub],
  ];
  test.each(pairs)("%s", async (op, reference) => {
    const random = generator(16);
    // Its gradients of maximum and minimum do not sum over broadcast axes.
    const shape = op === "MatMul" ? [2, 2] : op.startsWith("M") && op !== "Mul" ? [3, 2] : [1, 2];
    const inputs = {
      a: { shape: [3, 2], data: uniform([3, 2], random, [0.5, 1.5]) },
      b: { shape, data: uniform(shape, random, [0.5, 1.5]) },
    };
    const found = await ours(inputs, (g, { a, b }) => call(g, op, [a, b]));
    const zeros = tf.zeros([1]);
    expectClose(
      found,
      theirs(inputs, ([a = zeros, b = zeros]) => reference(a, b)),
    );
  });

  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])("CumSum, exclusive %s, reverse %s", async (exclusive, reverse) => {
    const inputs = { x: { shape: [3, 5], data: uniform([3, 5], generator(17)) } };
    const flags = { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 } as const;
    const found = await ours(inputs, (g, { x }) => g.op("CumSum", [x, g.scalar(1, "int64")], flags));
    expectClose(
      found,
      theirs(inputs, ([x]) => tf.cumsum(x ?? tf.zeros([1]), 1, exclusive, reverse)),
    );
  });
});
