import { describe, expect, it } from "vitest";
import {
  exp,
  fixed,
  inv,
  multistep,
  poly,
  rateAt,
  type Schedule,
  schedules,
  sigmoid,
  step,
} from "../../runtime/optimizers/schedules.js";

const at = (schedule: Schedule, iterations: readonly number[]) => iterations.map((k) => rateAt(schedule, k));

describe("the learning-rate policies", () => {
  it("fixed stays at the base", () => {
    expect(at(fixed({ base: 0.3 }), [0, 1, 1e6])).toEqual([0.3, 0.3, 0.3]);
  });

  it("step falls by gamma every stepSize iterations", () => {
    expect(at(step({ base: 1, gamma: 0.5, stepSize: 10 }), [0, 9, 10, 19, 20, 30])).toEqual([
      1, 1, 0.5, 0.5, 0.25, 0.125,
    ]);
  });

  it("exp falls by gamma every iteration", () => {
    expect(at(exp({ base: 2, gamma: 0.5 }), [0, 1, 3])).toEqual([2, 1, 0.25]);
  });

  it("inv gives the rates of Caffe's LeNet solver log", () => {
    // Caffe prints them while training: "Iteration 500, lr = 0.00964069", "Iteration 10000, lr = 0.00594604".
    const rates = at(inv({ base: 0.01, gamma: 0.0001, power: 0.75 }), [0, 100, 500, 10_000]);
    expect(rates.map((rate) => Number(rate.toPrecision(6)))).toEqual([0.01, 0.00992565, 0.00964069, 0.00594604]);
  });

  it("multistep falls at each step", () => {
    const schedule = multistep({ base: 1, gamma: 0.1, steps: [5, 8] });
    expect(at(schedule, [4, 5, 7, 8, 100]).map((rate) => Number(rate.toPrecision(12)))).toEqual([
      1, 0.1, 0.1, 0.01, 0.01,
    ]);
  });

  it("poly reaches 0 at maxIterations and stays there", () => {
    expect(at(poly({ base: 1, power: 2, maxIterations: 4 }), [0, 2, 4, 9])).toEqual([1, 0.25, 0, 0]);
  });

  it("sigmoid has half the base at stepSize", () => {
    const schedule = sigmoid({ base: 1, gamma: -0.1, stepSize: 50 });
    expect(rateAt(schedule, 50)).toBe(0.5);
    expect(rateAt(schedule, 60)).toBeCloseTo(1 / (1 + Math.E), 12);
  });

  it("a plain number is itself", () => {
    expect(rateAt(0.25, 77)).toBe(0.25);
  });

  it("each row of the table has a function of its name", () => {
    const made = [
      fixed({ base: 1 }),
      step({ base: 1, gamma: 1, stepSize: 1 }),
      exp({ base: 1, gamma: 1 }),
      inv({ base: 1, gamma: 1, power: 1 }),
      multistep({ base: 1, gamma: 1, steps: [] }),
      poly({ base: 1, power: 1, maxIterations: 1 }),
      sigmoid({ base: 1, gamma: 1, stepSize: 0 }),
    ];
    expect(made.map(({ policy }) => policy)).toEqual(Object.keys(schedules));
  });

  it("all wrong options are reported at once, with the value found", () => {
    const options = { base: -1, gamma: "half", stepsize: 10 } as unknown as Parameters<typeof step>[0];
    expect(() => step(options)).toThrow(
      [
        "SCHEDULE_OPTION_INVALID: schedule step: base is -1; expected a finite number, at least 0",
        'SCHEDULE_OPTION_INVALID: schedule step: gamma is "half"; expected a finite number, at least 0',
        "SCHEDULE_OPTION_INVALID: schedule step: stepSize is missing; expected a whole number, at least 1",
        'SCHEDULE_OPTION_INVALID: schedule step: there is no option "stepsize"; options: base, gamma, stepSize',
      ].join("\n"),
    );
    expect(() => multistep({ base: 1, gamma: 1, steps: [5, 3] })).toThrow(/steps must rise, but 3 follows 5/);
    expect(() => multistep({ base: 1, gamma: 1, steps: [1.5, -1] })).toThrow(
      /steps is 1.5, -1; expected a list of whole numbers/,
    );
  });

  it("a policy that is not in the table is refused, also in data made by hand", () => {
    const schedule: Schedule = { kind: "schedule", policy: "cosine", options: {} };
    expect(() => rateAt(schedule, 0)).toThrow(
      /SCHEDULE_POLICY_UNKNOWN: schedule policy "cosine".*\n.*hint: policies: fixed, step/,
    );
  });
});
