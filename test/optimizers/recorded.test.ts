import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { reference } from "../../runtime/kernels/reference.js";
import { stepModel } from "../../runtime/optimizers/apply.js";
import {
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamW,
  ftrl,
  lamb,
  lion,
  makeOptimizer,
  nadam,
  type OptimizerConfig,
  optimizers,
  rmsprop,
  sgd,
} from "../../runtime/optimizers/index.js";
import { updatePlan } from "../../runtime/optimizers/plan.js";

type ByName = Readonly<Record<string, readonly number[]>>;

interface Recording {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly rates: readonly number[];
  readonly weights: ByName;
  readonly gradients: readonly ByName[];
  readonly cases: Readonly<Record<string, ByName | { readonly weights: ByName; readonly averages: ByName }>>;
}

const recording = JSON.parse(
  readFileSync(new URL("../../fixtures/optimizers/steps.json", import.meta.url), "utf8"),
) as Recording;

/** The rate of each case changes by step; a schedule of the table has no such rates, so each step has a config of its own. */
type Make = (learningRate: number) => OptimizerConfig;

const decoupled = { weightDecay: 0.1, regularization: "decoupled" } as const;
const keras = { form: "keras" } as const;

/** Our words for each recorded case. */
const cases: Readonly<Record<string, Make>> = {
  "torch sgd": (learningRate) => sgd({ learningRate }),
  "torch sgd decay": (learningRate) => sgd({ learningRate, weightDecay: 0.1 }),
  "torch sgd momentum": (learningRate) => sgd({ learningRate, momentum: 0.9, form: "pytorch" }),
  "torch sgd momentum dampening decay": (learningRate) =>
    sgd({ learningRate, momentum: 0.8, dampening: 0.3, form: "pytorch", weightDecay: 0.1 }),
  "torch sgd nesterov decay": (learningRate) =>
    sgd({ learningRate, momentum: 0.9, nesterov: true, form: "pytorch", weightDecay: 0.1 }),
  "keras sgd": (learningRate) => sgd({ learningRate }),
  "keras sgd momentum": (learningRate) => sgd({ learningRate, momentum: 0.9 }),
  "keras sgd nesterov decay": (learningRate) => sgd({ learningRate, momentum: 0.9, nesterov: true, ...decoupled }),
  "torch adam": (learningRate) => adam({ learningRate, epsilon: 1e-3 }),
  "torch adam decay": (learningRate) => adam({ learningRate, weightDecay: 0.1 }),
  "torch adam amsgrad": (learningRate) => adam({ learningRate, beta1: 0.8, beta2: 0.9, amsgrad: true }),
  "torch adamw": (learningRate) => adamW({ learningRate, weightDecay: 0.1 }),
  "torch adamw amsgrad": (learningRate) =>
    adamW({ learningRate, beta1: 0.8, beta2: 0.9, weightDecay: 0.1, amsgrad: true }),
  "keras adam": (learningRate) => adam({ learningRate, epsilon: 1e-3, ...keras }),
  "keras adam amsgrad": (learningRate) =>
    adam({ learningRate, beta1: 0.8, beta2: 0.9, amsgrad: true, epsilon: 1e-7, ...keras }),
  "keras adamw": (learningRate) => adamW({ learningRate, weightDecay: 0.1, epsilon: 1e-7, ...keras }),
  "torch adamax": (learningRate) => adamax({ learningRate, epsilon: 1e-2 }),
  "torch adamax decay": (learningRate) => adamax({ learningRate, beta1: 0.8, beta2: 0.7, weightDecay: 0.1 }),
  "keras adamax": (learningRate) => adamax({ learningRate, beta2: 0.7, epsilon: 1e-2, ...keras }),
  "torch nadam": (learningRate) => nadam({ learningRate, epsilon: 1e-3 }),
  "torch nadam decay": (learningRate) =>
    nadam({ learningRate, beta1: 0.8, beta2: 0.9, momentumDecay: 0.1, weightDecay: 0.1 }),
  "keras nadam": (learningRate) => nadam({ learningRate, epsilon: 1e-3, momentumDecay: 1, ...decoupled }),
  "torch adagrad": (learningRate) => adagrad({ learningRate, epsilon: 1e-2 }),
  "torch adagrad decays": (learningRate) =>
    adagrad({ learningRate, learningRateDecay: 0.1, initialAccumulator: 0.2, weightDecay: 0.1 }),
  "keras adagrad": (learningRate) =>
    adagrad({ learningRate, initialAccumulator: 0.1, epsilon: 1e-2, ...decoupled, ...keras }),
  "torch adadelta": (learningRate) => adadelta({ learningRate, rho: 0.8, epsilon: 1e-3 }),
  "torch adadelta decay": (learningRate) => adadelta({ learningRate, weightDecay: 0.1 }),
  "keras adadelta": (learningRate) => adadelta({ learningRate, rho: 0.95, epsilon: 1e-7, ...decoupled }),
  "torch rmsprop": (learningRate) => rmsprop({ learningRate, epsilon: 1e-2 }),
  "torch rmsprop decay": (learningRate) => rmsprop({ learningRate, rho: 0.8, weightDecay: 0.1 }),
  "torch rmsprop momentum": (learningRate) => rmsprop({ learningRate, momentum: 0.9 }),
  "torch rmsprop centered momentum": (learningRate) =>
    rmsprop({ learningRate, rho: 0.8, centered: true, momentum: 0.5, weightDecay: 0.1, epsilon: 1e-2 }),
  "keras rmsprop": (learningRate) => rmsprop({ learningRate, rho: 0.9, epsilon: 1e-2, ...keras }),
  "keras rmsprop centered momentum": (learningRate) =>
    rmsprop({ learningRate, rho: 0.9, centered: true, momentum: 0.5, epsilon: 1e-2, ...decoupled, ...keras }),
  "keras ftrl": (learningRate) => ftrl({ learningRate }),
  "keras ftrl all": (learningRate) =>
    ftrl({ learningRate, initialAccumulator: 0.2, l1: 0.05, l2: 0.1, l2Shrinkage: 0.2, beta: 0.3, weightDecay: 0.1 }),
  "keras lion": (learningRate) => lion({ learningRate }),
  "keras lion decay": (learningRate) => lion({ learningRate, beta1: 0.7, beta2: 0.8, weightDecay: 0.1 }),
  "keras lamb": (learningRate) => lamb({ learningRate, epsilon: 1e-7 }),
  "keras lamb decay": (learningRate) => lamb({ learningRate, beta1: 0.8, epsilon: 1e-3, ...decoupled }),
  "optax lamb decay": (learningRate) => lamb({ learningRate, weightDecay: 0.1 }),
  "keras adafactor": (learningRate) => adafactor({ learningRate }),
  "keras adafactor decay": (learningRate) =>
    adafactor({ learningRate, beta2Decay: -0.5, epsilon2: 0.1, clipThreshold: 0.5, weightDecay: 0.1 }),
  "torch adafactor": (learningRate) => adafactor({ learningRate }),
  "keras adam clipvalue": (learningRate) => adam({ learningRate, epsilon: 1e-7, clipValue: 0.2, ...keras }),
  "keras sgd clipvalue": (learningRate) => sgd({ learningRate, clipValue: 0.2 }),
  "keras sgd clipnorm": (learningRate) => sgd({ learningRate, momentum: 0.9, clipNorm: 1.5 }),
  "keras sgd global_clipnorm": (learningRate) => sgd({ learningRate, momentum: 0.9, globalClipNorm: 2.5 }),
  "keras lamb global_clipnorm": (learningRate) =>
    lamb({ learningRate, epsilon: 1e-7, globalClipNorm: 2.5, ...decoupled }),
  "keras lamb clipvalue": (learningRate) => lamb({ learningRate, epsilon: 1e-7, clipValue: 0.3 }),
  "keras adafactor clipnorm": (learningRate) => adafactor({ learningRate, clipNorm: 1.5 }),
  "torch sgd clip_grad_norm": (learningRate) => sgd({ learningRate, globalClipNorm: 2.5 }),
  "torch adamw groups": (learningRate) => {
    const groups = [{ variables: ["*.bias"], weightDecay: 0, rateFactor: 3, beta1: 0.5 }];
    return adamW({ learningRate, weightDecay: 0.1, groups });
  },
  "keras adam ema": (learningRate) => adam({ learningRate, epsilon: 1e-7, ...keras, ema: { momentum: 0.7 } }),
  "keras adam ema overwrite": (learningRate) =>
    adam({ learningRate, epsilon: 1e-7, ...keras, ema: { momentum: 0.7, overwriteFrequency: 3 } }),
};

/** The recorded variables as a program lays them out: each on a line of 16 floats. */
const variables = (() => {
  let offset = 0;
  return Object.entries(recording.shapes).map(([name, shape]) => {
    const length = shape.reduce((product, axis) => product * axis, 1);
    const placed = { name, shape, role: "trained", offset, length, lr: 1, decay: 1 };
    offset += Math.ceil(length / 16) * 16;
    return placed;
  });
})();
const size = variables.reduce((end, { offset, length }) => Math.max(end, offset + Math.ceil(length / 16) * 16), 0);

function flat(byName: ByName): Float32Array {
  const array = new Float32Array(size);
  for (const { name, offset } of variables) array.set(byName[name] ?? [], offset);
  return array;
}

/** All recorded steps; the weights after them and the slots. */
function run(make: Make) {
  const weights = flat(recording.weights);
  let slots: readonly Float32Array[] | undefined;
  for (const [step, rate] of recording.rates.entries()) {
    const optimizer = makeOptimizer(make(rate), reference);
    const plan = updatePlan(variables, optimizer);
    slots ??= plan.slots.map(({ length, initial }) => new Float32Array(length).fill(initial));
    const arrays = { weights, gradients: flat(recording.gradients[step] ?? {}), slots };
    // The iteration is far from the number of updates: corrections must not read it.
    stepModel({ optimizer, plan, arrays, at: { updates: step, iteration: 1000 + 7 * step } });
  }
  const { averaged } = makeOptimizer(make(1), reference);
  return { weights, averages: averaged === undefined ? undefined : slots?.[averaged] };
}

/** The largest distance of an element, relative to the largest of its variable. */
function distance(found: Float32Array, expected: ByName): number {
  return Math.max(
    ...variables.flatMap(({ name, offset }) => {
      const values = expected[name] ?? [];
      const scale = Math.max(...values.map(Math.abs));
      return values.map((value, index) => Math.abs((found[offset + index] ?? Number.NaN) - value) / scale);
    }),
  );
}

/** Others differ by roundings of float32 alone: 1e-6. */
const tolerance: Readonly<Record<string, number>> = {
  // PyTorch adds 1e-6 to the norm that it clips by.
  "torch sgd clip_grad_norm": 3e-6,
  // Keras takes 1 − β₂ᵗ in float32, which leaves four digits of it at the first step.
  "keras adam": 2e-6,
  "keras adamw": 2e-6,
  "keras adam clipvalue": 2e-6,
  "keras adam ema": 2e-6,
};

describe("ten recorded steps with changing rate", () => {
  for (const [name, make] of Object.entries(cases)) {
    it(name, () => {
      const recorded = recording.cases[name];
      if (recorded === undefined) throw new Error(`${name} is not recorded`);
      const expected = "averages" in recorded ? (recorded.weights as ByName) : (recorded as ByName);
      const { weights, averages } = run(make);
      expect(distance(weights, expected)).toBeLessThan(tolerance[name] ?? 1e-6);
      if ("averages" in recorded) {
        expect(distance(averages ?? weights.fill(0), recorded.averages as ByName)).toBeLessThan(2e-6);
      }
    });
  }

  it("are compared for every case and every optimizer of the table", () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(recording.cases).sort());
    const types = new Set(Object.values(cases).map((make) => make(1).type));
    expect([...types].sort()).toEqual(Object.keys(optimizers).sort());
  });
});
