import { describe, expect, test } from "vitest";
import type { ImportedTraining } from "../../generators/imported.js";
import { emitTypescript } from "../../generators/targets/typescript/index.js";
import * as optimizers from "../../runtime/optimizers/index.js";
import { imported, lenet } from "./models.js";

const { exp, fixed, inv, multistep, poly, sgd, sigmoidDecay, step } = optimizers;

/** Runs solver.ts, which has no syntax of TypeScript's own, with these optimizers as its `paramserv`. */
function run(source: string): unknown {
  const body = source
    .replace(/^import (\{[^}]*\}) from "paramserv";$/m, "const $1 = paramserv;")
    .replaceAll("export const ", "exports.");
  const exports = {};
  new Function("paramserv", "exports", `"use strict";\n${body}`)(optimizers, exports);
  return exports;
}

function printed(training: ImportedTraining): string {
  return emitTypescript({ ...lenet(), training }, { runtime: "^0.1.0" })["solver.ts"] ?? "";
}

describe("the printed solver, when run, equals the imported one", () => {
  test.each([
    ["a number", 0.1],
    ["fixed", fixed({ base: 0.1 })],
    ["step", step({ base: 0.1, gamma: 0.5, stepSize: 10 })],
    ["exp", exp({ base: 0.1, gamma: 0.99 })],
    ["inv", inv({ base: 0.01, gamma: 1e-4, power: 0.75 })],
    [
      "multistep",
      multistep({ base: 0.1, gamma: 0.1, steps: Array.from({ length: 40 }, (_, index) => 100 * (index + 1)) }),
    ],
    ["poly", poly({ base: 0.1, power: 2, maxIterations: 100 })],
    ["sigmoid", sigmoidDecay({ base: 0.1, gamma: -0.01, stepSize: 500 })],
  ])("with the learning rate %s", (_, learningRate) => {
    const optimizer = sgd({ learningRate, momentum: 0.9, nesterov: true, weightDecay: 5e-4, regularization: "L1" });
    expect(run(printed({ optimizer, iterations: 10000, batchsize: 64 }))).toEqual({
      optimizer,
      globalBatchsize: 64,
      iterations: 10000,
    });
    expect(run(printed({ optimizer, epochs: 7, batchsize: 64 }))).toEqual({
      optimizer,
      globalBatchsize: 64,
      epochs: 7,
    });
  });
});

test("without a solver file a starting point is printed and called that", () => {
  const source = emitTypescript(imported(lenet().network), { runtime: "^0.1.0" })["solver.ts"] ?? "";
  expect(source).toContain("/** How LeNet is trained: a starting point, because net.prototxt does not say. */");
  expect(run(source)).toEqual({
    optimizer: sgd({ learningRate: 0.01, momentum: 0.9, weightDecay: 0.0005 }),
    globalBatchsize: 64,
    epochs: 10,
  });
});

test("what the optimizer does by itself is not printed", () => {
  const source = printed({ optimizer: sgd({ learningRate: 0.1, momentum: 0.5 }) });
  expect(source).toContain("export const optimizer = sgd({ learningRate: 0.1, momentum: 0.5 });");
});

test("the learning rule and the batch that were asked for replace what the files say", () => {
  const asked = { learningRate: 0.25, momentum: 0, weightDecay: 0.125, globalBatchsize: 48 };
  const { "solver.ts": source = "" } = emitTypescript(lenet(), { runtime: "^0.1.0", ...asked });
  expect(run(source)).toMatchObject({
    optimizer: sgd({ learningRate: 0.25, momentum: 0, weightDecay: 0.125 }),
    globalBatchsize: 48,
  });
});

test("options of the emitter come before what the files say", () => {
  const files = emitTypescript(lenet(), { runtime: "^0.1.0", epochs: 3, batchsize: 16 });
  expect(run(files["solver.ts"] ?? "")).toMatchObject({ globalBatchsize: 64, epochs: 3 });
  expect(files["train.ts"]).toContain("batchsize: 16, // rows in a batch of one worker");
});
