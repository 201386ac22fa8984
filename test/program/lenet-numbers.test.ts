import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ScalarMean, Session } from "../../runtime/engines/engine.js";
import { openEngine } from "../../runtime/engines/index.js";
import { reference } from "../../runtime/kernels/reference.js";
import { makeOptimizer, sgd } from "../../runtime/optimizers/index.js";
import { compile } from "../../runtime/program/compile.js";
import type { TrainingProgram } from "../../runtime/program/types.js";
import { hashedClasses, hashedUniform } from "../layers/hashed.js";
import { relativeError } from "../layers/run-layer.js";
import { lenet } from "./lenet.js";
import { lenetGradients } from "./tfjs.js";

interface Sample {
  readonly stride: number;
  readonly samples: readonly number[];
  readonly sum: number;
  readonly norm: number;
}

interface Recorded {
  readonly steps: number;
  readonly rows: number;
  readonly rate: number;
  readonly momentum: number;
  readonly decay: number;
  readonly losses: readonly number[];
  readonly accuracies: readonly number[];
  readonly gradients: Readonly<Record<string, Sample>>;
  readonly weights: Readonly<Record<string, Sample>>;
}

const file = new URL("../../fixtures/torch/lenet_sgd.json", import.meta.url);
const recorded = JSON.parse(readFileSync(file, "utf8")) as Recorded;

type Layout = TrainingProgram["variables"][number];

const meanOf = (mean: ScalarMean | undefined): number => (mean ? mean.sum / mean.weight : Number.NaN);

const slice = (flat: Float32Array, { offset, length }: Layout) => flat.subarray(offset, offset + length);

/** The initial weights and batches of record_lenet_sgd.py. */
function setWeights(program: TrainingProgram, session: Session): void {
  for (const [index, parameter] of program.variables.entries()) {
    const inputs = parameter.shape.slice(1).reduce((product, length) => product * length, 1);
    const bound = parameter.shape.length === 1 ? 0.1 : Math.sqrt(3 / inputs);
    slice(session.weights, parameter).set(hashedUniform(parameter.length, 100 + index, { low: -bound, high: bound }));
  }
}

const batchOf = (step: number, rows: number) => ({
  rows,
  feeds: {
    data: { shape: [rows, 1, 28, 28], data: hashedUniform(rows * 28 * 28, 1000 + step, { low: 0, high: 1 }) },
    label: { shape: [rows], data: hashedClasses(rows, 10, 2000 + step) },
  },
});

function expectSample(found: Float32Array, wanted: Sample, name: string): void {
  const samples = wanted.samples.map((_, index) => found[index * wanted.stride] ?? Number.NaN);
  expect(relativeError(samples, wanted.samples), name).toBeLessThan(1e-4);
  const norm = Math.sqrt(found.reduce((total, value) => total + value * value, 0));
  expect(Math.abs(norm - wanted.norm) / wanted.norm, `norm of ${name}`).toBeLessThan(1e-4);
  const sum = found.reduce((total, value) => total + value, 0);
  expect(Math.abs(sum - wanted.sum) / (wanted.norm * Math.sqrt(found.length)), `sum of ${name}`).toBeLessThan(1e-5);
}

describe("LeNet with 20 and 50 filters and 500 units", () => {
  test("ten steps of SGD with momentum and weight decay give PyTorch's losses and weights", async () => {
    const program = compile(lenet());
    const session = await openEngine("onnxruntime", program);
    const optimizer = makeOptimizer(
      sgd({ learningRate: recorded.rate, momentum: recorded.momentum, weightDecay: recorded.decay }),
      reference,
    );
    const history = new Float32Array(program.trained);
    setWeights(program, session);
    const losses: number[] = [];
    const accuracies: number[] = [];
    for (let step = 0; step < recorded.steps; step += 1) {
      const { loss, accuracy } = await session.step(batchOf(step, recorded.rows));
      losses.push(meanOf(loss));
      accuracies.push(meanOf(accuracy));
      for (const parameter of program.variables) {
        const gradients = slice(session.pushed, parameter);
        if (step === 0) expectSample(gradients, recorded.gradients[parameter.name] as Sample, `grad:${parameter.name}`);
        optimizer.update({
          weights: slice(session.weights, parameter),
          gradients,
          slots: [slice(history, parameter)],
          // The network's multipliers (bias lr 2) are Caffe's; the recorded run has one rate for all.
          rate: optimizer.rate(step),
          decay: optimizer.weightDecay(),
          at: { updates: step, iteration: step },
        });
      }
    }
    for (const parameter of program.variables) {
      expectSample(slice(session.weights, parameter), recorded.weights[parameter.name] as Sample, parameter.name);
    }
    expect(relativeError(losses, recorded.losses)).toBeLessThan(1e-4);
    expect(relativeError(accuracies, recorded.accuracies)).toBeLessThan(1e-6);
    await session.close();
  });

  test("the whole gradient is that of tfjs", async () => {
    const rows = 3;
    const program = compile(lenet());
    const session = await openEngine("onnxruntime", program);
    setWeights(program, session);
    const loss = meanOf((await session.step(batchOf(0, rows))).loss);
    const wanted = await lenetGradients({
      rows,
      feeds: { data: batchOf(0, rows).feeds.data.data, label: batchOf(0, rows).feeds.label.data },
      parameters: program.variables.map((parameter) => ({
        name: parameter.name,
        shape: parameter.shape,
        data: slice(session.weights, parameter).slice(),
      })),
    });
    expect(Math.abs(loss - wanted.loss) / wanted.loss).toBeLessThan(1e-5);
    for (const parameter of program.variables) {
      const gradient = wanted.gradients[parameter.name] ?? [];
      expect(relativeError(slice(session.pushed, parameter), gradient), parameter.name).toBeLessThan(1e-4);
    }
    await session.close();
  });
});
