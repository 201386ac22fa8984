import { describe, expect, it } from "vitest";
import { reference } from "../../runtime/kernels/reference.js";
import { stepModel } from "../../runtime/optimizers/apply.js";
import { fitsPattern } from "../../runtime/optimizers/groups.js";
import {
  adam,
  adjustOptimizer,
  ftrl,
  inv,
  lamb,
  makeOptimizer,
  type OptimizerConfig,
  optimizers,
  rmsprop,
  sgd,
} from "../../runtime/optimizers/index.js";
import { updatePlan } from "../../runtime/optimizers/plan.js";

const message = (make: () => unknown): string => {
  try {
    make();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing thrown";
};

/** One step of one variable. */
function stepOf(config: OptimizerConfig, weights: Float32Array, gradients: readonly number[]) {
  const optimizer = makeOptimizer(config, reference);
  const variable = { name: "w", shape: [weights.length], role: "trained", offset: 0, length: weights.length };
  const plan = updatePlan([{ ...variable, lr: 1, decay: 1 }], optimizer);
  const slots = plan.slots.map(({ length, initial }) => new Float32Array(length).fill(initial));
  const arrays = { weights, gradients: Float32Array.from(gradients), slots };
  stepModel({ optimizer, plan, arrays, at: { updates: 0, iteration: 0 } });
  return { weights: [...weights], slots };
}

describe("options of optimizers", () => {
  it("fill in the table's defaults, and what is undefined is as if it was left out", () => {
    const { learningRate, options } = adam({ beta1: undefined as unknown as number });
    expect({ learningRate, options }).toEqual({ learningRate: 0.001, options: optimizers.adam?.defaults });
  });

  it("are all told when they are wrong, those of groups and averages with their place", () => {
    const wrong = {
      beta1: 1,
      epsilon: 0,
      amsgrad: "no",
      form: "caffe",
      clipValue: 1,
      clipNorm: -1,
      ema: { momentum: 1, overwriteFrequency: 0.5, decay: 1 },
      groups: [{ variables: "w", beta2: -1 }, { variables: ["w"], rateFactor: -2, betas: 1 }, 3],
    };
    const found = message(() => adam(wrong as unknown as Parameters<typeof adam>[0]));
    expect(found.replaceAll("OPTIMIZER_OPTION_INVALID: optimizer adam", "").split("\n")).toMatchInlineSnapshot(`
      [
        ": beta1 is 1; expected a finite number, at least 0 and less than 1",
        ": epsilon is 0; expected a finite number, at least 1e-38",
        ": amsgrad is "no"; expected true or false",
        ": form is "caffe"; expected "pytorch" or "keras"",
        ": clipNorm is -1; expected a finite number, at least 1e-38",
        ": clipValue and clipNorm are given; expected one",
        ", ema: momentum is 1; expected a finite number, at least 0 and less than 1",
        ", ema: overwriteFrequency is 0.5; expected a whole number, at least 1",
        ", ema: there is no option "decay"; options: momentum, overwriteFrequency",
        ", group 1: variables is "w"; expected a list of names, such as ["*.bias"]",
        ", group 1: beta1 is 1; expected a finite number, at least 0 and less than 1",
        ", group 1: beta2 is -1; expected a finite number, at least 0 and less than 1",
        ", group 1: epsilon is 0; expected a finite number, at least 1e-38",
        ", group 1: amsgrad is "no"; expected true or false",
        ", group 1: form is "caffe"; expected "pytorch" or "keras"",
        ", group 2: rateFactor is -2; expected a finite number, at least 0",
        ", group 2: beta1 is 1; expected a finite number, at least 0 and less than 1",
        ", group 2: epsilon is 0; expected a finite number, at least 1e-38",
        ", group 2: amsgrad is "no"; expected true or false",
        ", group 2: form is "caffe"; expected "pytorch" or "keras"",
        ", group 2: there is no option "betas"; options: learningRate, rateFactor, beta1, beta2, epsilon, amsgrad, form, weightDecay, regularization",
        ", group 3: found 3; expected { variables, … }",
      ]
    `);
  });

  it("of a schedule are checked, in a group too", () => {
    const bad = { kind: "schedule", policy: "inv", options: { base: -1, gamma: 1, power: 1 } } as const;
    const found = message(() => adam({ learningRate: bad, groups: [{ variables: ["w"], learningRate: bad }] }));
    expect(found.match(/schedule inv: base is -1/g)).toHaveLength(2);
  });

  it("of a group may not need other state than the optimizer's", () => {
    const config = sgd({ learningRate: 1, momentum: 0.9, groups: [{ variables: ["w"], momentum: 0 }] });
    expect(() => makeOptimizer(config, reference)).toThrow(/group 1: its options keep nothing, .* history/);
  });

  it("of Ftrl do not let a divisor be 0, and dampening needs PyTorch's form without Nesterov", () => {
    expect(() => ftrl({ initialAccumulator: 0 })).toThrow(/initialAccumulator, l2 and beta are 0/);
    expect(() => sgd({ learningRate: 1, momentum: 0.9, dampening: 0.5 })).toThrow(/form is "caffe"/);
    const nesterov = { learningRate: 1, momentum: 0.9, nesterov: true, form: "pytorch" } as const;
    expect(() => sgd({ ...nesterov, dampening: 0.5 })).toThrow(/dampening is 0.5; it needs 0/);
  });
});

describe("steps at the edge", () => {
  it("of every optimizer leave a weight of 0 without a gradient at 0, whatever the norms", () => {
    for (const type of Object.keys(optimizers)) {
      const config = adjustOptimizer(sgd({ learningRate: 0.5 }), { optimizer: type, learningRate: 0.5 });
      expect(stepOf(config, new Float32Array(3), [0, 0, 0]).weights, type).toEqual([0, 0, 0]);
    }
  });

  it("of LAMB take a ratio of 1 where a norm is 0", () => {
    const { weights } = stepOf(lamb({ learningRate: 0.5 }), new Float32Array(2), [3, -3]);
    expect(weights[0]).toBeCloseTo(-0.5, 5);
    expect(weights[1]).toBeCloseTo(0.5, 5);
    expect(stepOf(lamb({ learningRate: 0.5 }), Float32Array.of(2, 1), [0, 0]).weights).toEqual([2, 1]);
  });

  it("of Ftrl at rate 0 change nothing", () => {
    expect(stepOf(ftrl({ learningRate: 0 }), Float32Array.of(2, 1), [1, 1]).weights).toEqual([2, 1]);
  });

  it("show a gradient that is no number in the weights, clipped or not", () => {
    const clips = [{}, { clipValue: 1 }, { clipNorm: 1 }, { globalClipNorm: 1 }];
    for (const type of Object.keys(optimizers)) {
      for (const clip of clips) {
        const base = adjustOptimizer(sgd({ learningRate: 0.5 }), { optimizer: type, learningRate: 0.5 });
        const config = { ...base, options: { ...base.options, ...clip } };
        expect(stepOf(config, Float32Array.of(1, 2), [Number.NaN, 1]).weights[0], type).toBeNaN();
      }
    }
  });
});

describe("adjustOptimizer", () => {
  const base = sgd({ learningRate: inv({ base: 0.1, gamma: 1, power: 1 }), momentum: 0.9 });

  it("begins another optimizer with its own defaults and rate", () => {
    expect(adjustOptimizer(base, { optimizer: "rmsprop", momentum: 0.5 })).toEqual(rmsprop({ momentum: 0.5 }));
    expect(adjustOptimizer(adam({ learningRate: 0.02 }), { optimizer: "sgd" })).toEqual(sgd({ learningRate: 0.02 }));
    expect(adjustOptimizer(base, { optimizer: "sgd" })).toEqual(base);
  });

  it("refuses an option that the optimizer does not have, and leaves an unknown type to be told", () => {
    expect(message(() => adjustOptimizer(base, { optimizer: "adam", momentum: 0.5 }))).toContain(
      "optimizer adam: momentum is given, which it does not have",
    );
    expect(() => makeOptimizer(adjustOptimizer(base, { optimizer: "adamm" }), reference)).toThrow(/"adamm"/);
  });
});

it("patterns of groups take * for any characters", () => {
  const fits: readonly (readonly [string, string])[] = [
    ["a.b", "a.b"],
    ["a.b", "*"],
    ["a.b", "a*b"],
    ["ab", "a*b"],
    ["aXbYc", "a*b*c"],
    ["abab", "*ab"],
  ];
  const others: readonly (readonly [string, string])[] = [
    ["a.b", "a"],
    ["axb", "a.b"],
    ["a", "a*a"],
    ["ab", "a*b*b"],
    ["abc", "*b"],
    ["ac", "a*b*c"],
  ];
  expect(fits.filter(([name, pattern]) => !fitsPattern(name, pattern))).toEqual([]);
  expect(others.filter(([name, pattern]) => fitsPattern(name, pattern))).toEqual([]);
});
