import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { reference } from "../../runtime/kernels/reference.js";
import { inv } from "../../runtime/optimizers/schedules.js";
import { sgd } from "../../runtime/optimizers/sgd.js";
import { makeOptimizer } from "../../runtime/optimizers/table.js";
import type { OptimizerConfig } from "../../runtime/optimizers/types.js";

interface Recording {
  readonly cases: Record<
    string,
    {
      readonly options: { lr: number; momentum?: number; nesterov?: boolean; weight_decay?: number };
      readonly weights: number[];
      readonly steps: { gradients: number[]; weights: number[] }[];
    }
  >;
}

const recording = JSON.parse(
  readFileSync(new URL("../../fixtures/torch/sgd.json", import.meta.url), "utf8"),
) as Recording;

/** Runs updates on given gradients; the rate is that of each iteration. */
function run(
  config: OptimizerConfig,
  weights: Float32Array,
  gradients: readonly (readonly number[])[],
): Float32Array[] {
  const optimizer = makeOptimizer(config, reference);
  const slots = optimizer.slots.map(() => new Float32Array(weights.length));
  return gradients.map((values, iteration) => {
    const rate = optimizer.rate(iteration);
    optimizer.update({
      weights,
      gradients: Float32Array.from(values),
      slots,
      rate,
      decay: optimizer.weightDecay(),
      at: { updates: iteration, iteration },
    });
    return weights.slice();
  });
}

describe("sgd", () => {
  for (const [name, { options, weights, steps }] of Object.entries(recording.cases)) {
    it(`makes PyTorch's steps: ${name}`, () => {
      const { lr, momentum = 0, nesterov = false, weight_decay = 0 } = options;
      const config = sgd({ learningRate: lr, momentum, nesterov, weightDecay: weight_decay });
      const ours = run(
        config,
        Float32Array.from(weights),
        steps.map(({ gradients }) => gradients),
      );
      for (const [index, step] of steps.entries()) {
        for (const [i, expected] of step.weights.entries()) expect(ours[index]?.[i]).toBeCloseTo(expected, 6);
      }
    });
  }

  it("keeps the rate inside the momentum, as Caffe, when the rate changes", () => {
    const learningRate = { kind: "schedule", policy: "step", options: { base: 1, gamma: 0.5, stepSize: 1 } } as const;
    const [first, second] = run(sgd({ learningRate, momentum: 0.5 }), Float32Array.of(0), [[1], [1]]);
    // h1 = 1; h2 = 0.5 · 1 + 0.5 · 1 = 1. PyTorch would step 0.5 · (0.5 + 1) = 0.75.
    expect([first?.[0], second?.[0]]).toEqual([-1, -2]);
  });

  it("decays by the sign with L1, and leaves a zero weight alone", () => {
    const config = sgd({ learningRate: 1, weightDecay: 0.25, regularization: "L1" });
    const [after] = run(config, Float32Array.of(2, -2, 0), [[0, 0, 0]]);
    expect([...(after ?? [])]).toEqual([1.75, -1.75, 0]);
  });

  it("returns plain data with every default", () => {
    expect(sgd({ learningRate: 0.1 })).toEqual({
      kind: "optimizer",
      type: "sgd",
      learningRate: 0.1,
      options: { momentum: 0, nesterov: false, weightDecay: 0, regularization: "L2" },
    });
    expect(sgd({ learningRate: inv({ base: 0.01, gamma: 1e-4, power: 0.75 }) }).learningRate).toMatchObject({
      policy: "inv",
    });
  });

  it("reports all wrong options at once, with the value found", () => {
    const wrong = {
      learningRate: -1,
      momentum: 1,
      nesterov: "yes",
      weightDecay: Number.NaN,
      regularization: "L3",
      rate: 2,
    };
    let message = "";
    try {
      sgd(wrong as unknown as Parameters<typeof sgd>[0]);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message.split("\n")).toEqual([
      "OPTIMIZER_OPTION_INVALID: optimizer sgd: learningRate is -1; expected a finite number, at least 0",
      "OPTIMIZER_OPTION_INVALID: optimizer sgd: momentum is 1; expected a finite number, at least 0 and less than 1",
      'OPTIMIZER_OPTION_INVALID: optimizer sgd: nesterov is "yes"; expected true or false',
      "OPTIMIZER_OPTION_INVALID: optimizer sgd: weightDecay is NaN; expected a finite number, at least 0",
      'OPTIMIZER_OPTION_INVALID: optimizer sgd: regularization is "L3"; expected "L2", "L1" or "decoupled"',
      'OPTIMIZER_OPTION_INVALID: optimizer sgd: there is no option "rate"; options: momentum, nesterov, form, dampening, weightDecay, regularization, clipValue, clipNorm, globalClipNorm',
    ]);
  });

  it("refuses Nesterov without momentum", () => {
    expect(() => sgd({ learningRate: 0.1, nesterov: true })).toThrow(/nesterov is true and momentum is 0/);
  });

  it("refuses a type that is not in the table, also in data made by hand", () => {
    const config = { kind: "optimizer", type: "adamm", learningRate: 1, options: {} } as const;
    expect(() => makeOptimizer(config, reference)).toThrow(/OPTIMIZER_TYPE_UNKNOWN: optimizer type "adamm"/);
  });
});
