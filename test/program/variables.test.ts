import { describe, expect, test } from "vitest";
import type { Session } from "../../runtime/engines/engine.js";
import { openEngine } from "../../runtime/engines/index.js";
import { graphBuilder } from "../../runtime/graph/builder.js";
import type { Value } from "../../runtime/graph/types.js";
import {
  batchNorm,
  constant,
  dense,
  input,
  meanSquaredError,
  model,
  target,
  variable,
} from "../../runtime/layers/index.js";
import type { Network, Tensor } from "../../runtime/layers/types.js";
import { compile, initialWeights, viewsByName } from "../../runtime/program/index.js";
import { LayerLowering } from "../../runtime/program/layer-lowering.js";
import type { TrainingProgram } from "../../runtime/program/types.js";
import { hashedUniform } from "../layers/hashed.js";

const data = input("data", [2]);
const wanted = target("wanted", [2]);

const rows = 5;
const x = hashedUniform(2 * rows, 1);
const batch = {
  rows,
  feeds: {
    data: { shape: [rows, 2], data: x },
    wanted: { shape: [rows, 2], data: hashedUniform(2 * rows, 2) },
  },
};

function regression(name: string, prediction: Tensor): Network {
  return model({ name, inputs: [data], labels: [wanted], loss: meanSquaredError(prediction, wanted) });
}

async function stepped(program: TrainingProgram): Promise<{ readonly session: Session; readonly pushed: Named }> {
  const session = await openEngine("onnxruntime", program);
  session.weights.set(initialWeights(program, 5));
  await session.step(batch);
  const changing = program.variables.filter(({ role }) => role !== "frozen");
  const pushed = viewsByName({ variables: changing }, session.pushed);
  return { session, pushed: Object.fromEntries(Object.entries(pushed).map(([name, { data }]) => [name, [...data]])) };
}

type Named = Readonly<Record<string, readonly number[]>>;

function expectClose(found: readonly number[] | undefined, expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [index, value] of expected.entries()) expect(found?.[index]).toBeCloseTo(value, 5);
}

/** Mean and biased variance of each of two columns. */
function statistics(values: ArrayLike<number>) {
  const columns = [0, 1].map((column) => Array.from({ length: rows }, (_, row) => values[2 * row + column] ?? 0));
  const mean = columns.map((column) => column.reduce((sum, value) => sum + value, 0) / rows);
  const variance = columns.map(
    (column, index) => column.reduce((sum, value) => sum + (value - (mean[index] ?? 0)) ** 2, 0) / rows,
  );
  return { mean, variance };
}

describe("states", () => {
  const program = compile(regression("n", dense(batchNorm(data, { name: "bn" }), { name: "out", units: 2 })));

  test("lie between what is trained and what is frozen", () => {
    expect(program.variables.map(({ name, role, offset }) => [name, role, offset])).toEqual([
      ["bn.weight", "trained", 0],
      ["bn.bias", "trained", 16],
      ["out.weight", "trained", 32],
      ["out.bias", "trained", 48],
      ["bn.running_mean", "state", 64],
      ["bn.running_var", "state", 80],
    ]);
    expect([program.trained, program.pushed, program.size]).toEqual([64, 96, 96]);
    expect(initialWeights(program, 1).slice(64, 82)).toEqual(Float32Array.from([...Array(16).fill(0), 1, 1]));
  });

  test("are read by a step and their next values put out: 0.9 · old + 0.1 · batch", async () => {
    const { session, pushed } = await stepped(program);
    const { mean, variance } = statistics(x);
    expectClose(
      pushed["bn.running_mean"],
      mean.map((value) => 0.1 * value),
    );
    expectClose(
      pushed["bn.running_var"],
      variance.map((value) => 0.9 + 0.1 * value),
    );
    await session.close();
  });

  test("decide an evaluation, which writes nothing", async () => {
    const { session, pushed } = await stepped(program);
    const before = session.pushed.slice();
    const first = await session.evaluate(batch);
    expect(await session.evaluate(batch)).toEqual(first);
    session.weights.set([...(pushed["bn.running_mean"] ?? [])], 64);
    expect((await session.evaluate(batch)).loss?.sum).not.toBeCloseTo(first.loss?.sum ?? 0, 4);
    expect(session.pushed).toEqual(before);
    await session.close();
  });

  test("that nobody writes are frozen", () => {
    const fixed = batchNorm(data, { name: "bn", statistics: "running" });
    const { variables, trained, pushed } = compile(regression("n", dense(fixed, { name: "out", units: 2 })));
    expect(variables.filter(({ role }) => role === "frozen").map(({ name }) => name)).toEqual([
      "bn.running_mean",
      "bn.running_var",
    ]);
    expect(pushed).toBe(trained);
    const idle = variable("idle", [2], { role: "state" });
    const scaled = dense(data, { name: "out", units: 2, bias: idle });
    expect(compile(regression("n", scaled)).variables.at(-1)).toMatchObject({ name: "idle", role: "frozen", lr: 0 });
  });

  test("are written in training only", () => {
    const { layer } = batchNorm(data, { name: "bn" });
    for (const training of [true, false]) {
      const g = graphBuilder("g");
      const now = g.input("now", "float32", [2]);
      const next = new Map<string, Value>();
      const rest = { masks: [], valueFor: () => now, variable: () => now, feed: () => ({ name: "", value: now }) };
      const lowering = new LayerLowering({ g, training, next, ...rest }, layer);
      const state = lowering.state("running_mean", { shape: [2], start: constant(0) });
      const written = g.op("Neg", [now]);
      state.set(written);
      expect(state.value).toBe(training ? written : now);
      expect(next.size).toBe(training ? 1 : 0);
    }
  });

  test("that two layers share are written by both: the second reads what the first wrote", async () => {
    const mean = variable("mean", [2], { role: "state" });
    const variance = variable("variance", [2], { role: "state" });
    const shared = { mean, variance, scale: false, offset: false } as const;
    const first = batchNorm(data, { name: "a", momentum: 0.5, ...shared });
    const second = batchNorm(first, { name: "b", momentum: 0.5, ...shared });
    const both = compile(regression("n", dense(second, { name: "out", units: 2 })));
    expect(both.step.outputs.filter(({ role }) => role === "state")).toHaveLength(2);
    const { session, pushed } = await stepped(both);
    const of = statistics(x);
    const normalized = Array.from(x, (value, index) => {
      return (value - (of.mean[index % 2] ?? 0)) / Math.sqrt((of.variance[index % 2] ?? 0) + 1e-5);
    });
    const then = statistics(normalized);
    expectClose(
      pushed.mean,
      then.mean.map((value, column) => 0.5 * (0.5 * (of.mean[column] ?? 0)) + 0.5 * value),
    );
    await session.close();
  });
});

describe("shared variables", () => {
  test("are there once, with the sum of the gradients of their uses", async () => {
    const shared = variable("shared", [2, 2]);
    const twice = (first: Tensor, second: Tensor) =>
      regression(
        "n",
        dense(dense(data, { name: "one", units: 2, weights: first, bias: false }), {
          name: "two",
          units: 2,
          weights: second,
          bias: false,
        }),
      );
    const tied = compile(twice(shared, shared));
    expect(tied.variables.map(({ name }) => name)).toEqual(["shared"]);
    const loose = compile(twice(variable("left", [2, 2]), variable("right", [2, 2])));
    const one = await stepped(tied);
    const two = await openEngine("onnxruntime", loose);
    const start = initialWeights(tied, 5).slice(0, 4);
    for (const { offset } of loose.variables) two.weights.set(start, offset);
    await two.step(batch);
    const [left = 0, right = 0] = loose.variables.map(({ offset }) => offset);
    const sums = [0, 1, 2, 3].map((index) => (two.pushed[left + index] ?? 0) + (two.pushed[right + index] ?? 0));
    expectClose(one.pushed.shared, sums);
    expect(Math.max(...sums.map(Math.abs))).toBeGreaterThan(0.01);
    await one.session.close();
    await two.close();
  });

  test("a frozen one has no gradient", () => {
    const fixed = variable("fixed", [2, 2], { role: "frozen" });
    const network = regression("n", dense(data, { name: "out", units: 2, weights: fixed }));
    const { variables, step } = compile(network);
    expect(variables.map(({ name, role, lr }) => [name, role, lr])).toEqual([
      ["out.bias", "trained", 1],
      ["fixed", "frozen", 0],
    ]);
    expect(step.outputs.filter(({ role }) => role === "gradient")).toHaveLength(1);
  });
});
