import { describe, expect, test } from "vitest";
import { isBaseError } from "../../runtime/errors.js";
import { fanOf, fill } from "../../runtime/layers/fill.js";
import {
  constant,
  formatInitializer,
  gaussian,
  type Initializer,
  initializers,
  msra,
  uniform,
  xavier,
} from "../../runtime/layers/initializers.js";
import { random } from "../../runtime/random.js";
import { sizeOf } from "../../runtime/shape.js";

function filled(initializer: Initializer, shape: readonly number[], name = "p.weight", seed = 1): Float32Array {
  const target = new Float32Array(sizeOf(shape));
  fill(target, { name, shape, initializer }, seed);
  return target;
}

function moments(values: Float32Array) {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
  const fourth = values.reduce((total, value) => total + (value - mean) ** 4, 0) / values.length;
  return { mean, std: Math.sqrt(variance), kurtosis: fourth / variance ** 2 };
}

const shape = [64, 48, 5, 5];
const fans = { in: 48 * 25, out: 64 * 25, average: 56 * 25 };

describe("initializers fill with the distribution of BVLC/caffe include/caffe/filler.hpp", () => {
  test("fans: count / shape[0] in, count / shape[1] out, count for the out of a vector", () => {
    expect(fanOf(shape, "in")).toBe(fans.in);
    expect(fanOf(shape, "out")).toBe(fans.out);
    expect(fanOf(shape, "average")).toBe(fans.average);
    expect(fanOf([10, 500], "in")).toBe(500);
    expect(fanOf([10, 500], "out")).toBe(10);
    expect([fanOf([20], "in"), fanOf([20], "out")]).toEqual([1, 20]);
  });

  test.each(["in", "out", "average"] as const)("xavier is uniform in ±√(3/n), n the fan %s", (fan) => {
    const bound = Math.sqrt(3 / fans[fan]);
    const values = filled(xavier({ fan }), shape);
    const { mean, std, kurtosis } = moments(values);
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeLessThanOrEqual(bound);
    expect(largest).toBeGreaterThan(0.999 * bound);
    // Four standard errors of 76,800 draws.
    expect(Math.abs(mean)).toBeLessThan((4 * bound) / Math.sqrt(3 * values.length));
    expect(std / (bound / Math.sqrt(3))).toBeCloseTo(1, 2);
    expect(kurtosis).toBeCloseTo(1.8, 1);
  });

  test.each(["in", "out", "average"] as const)("msra is normal with std √(2/n), n the fan %s", (fan) => {
    const wanted = Math.sqrt(2 / fans[fan]);
    const { mean, std, kurtosis } = moments(filled(msra({ fan }), shape));
    expect(Math.abs(mean)).toBeLessThan((4 * wanted) / Math.sqrt(sizeOf(shape)));
    expect(std / wanted).toBeCloseTo(1, 2);
    expect(kurtosis).toBeCloseTo(3, 0);
  });

  test("gaussian, uniform and constant take their parameters", () => {
    const normal = moments(filled(gaussian({ mean: 0.5, std: 0.01 }), shape));
    expect(normal.mean).toBeCloseTo(0.5, 3);
    expect(normal.std).toBeCloseTo(0.01, 3);
    const flat = filled(uniform({ min: -2, max: 4 }), shape);
    expect(moments(flat).mean).toBeCloseTo(1, 1);
    expect(flat.every((value) => value >= -2 && value <= 4)).toBe(true);
    expect(new Set(filled(constant(0.25), [4, 4]))).toEqual(new Set([0.25]));
    const standard = moments(filled(gaussian(), shape));
    expect([standard.mean, standard.std].map((value) => Math.round(value * 50) / 50)).toEqual([0, 1]);
  });

  test.each([
    ["uniform", uniform({ min: -0.3, max: 0.7 }), (u: number) => -0.3 + (0.7 - -0.3) * u],
    ["xavier", xavier({ fan: "average" }), (u: number) => Math.sqrt(3 / ((3 + 3001) / 2)) * (2 * u - 1)],
  ])("%s gives what its stream gives one by one", (_, initializer, formula) => {
    const stream = random(1, "parameter", "p.weight");
    const wanted = Float32Array.from({ length: 3 * 3001 }, () => formula(stream.uniform()));
    expect(filled(initializer, [3001, 3])).toEqual(wanted);
  });

  test.each([
    ["gaussian", gaussian({ mean: 0.1, std: 0.01 }), (z: number) => 0.1 + 0.01 * z],
    ["msra", msra(), (z: number) => Math.sqrt(2 / 3) * z],
  ])("%s gives what its stream gives one by one", (_, initializer, formula) => {
    const stream = random(1, "parameter", "p.weight");
    // An odd number, so that one half of the last pair is left over.
    const wanted = Float32Array.from({ length: 3 * 3001 }, () => formula(stream.normal()));
    expect(filled(initializer, [3001, 3])).toEqual(wanted);
  });

  test("each parameter has a stream of its own, named by seed and parameter", () => {
    const first = filled(xavier(), [8, 8]);
    expect(filled(xavier(), [8, 8])).toEqual(first);
    expect(filled(xavier(), [8, 8], "q.weight")).not.toEqual(first);
    expect(filled(xavier(), [8, 8], "p.weight", 2)).not.toEqual(first);
  });
});

describe("initializers are plain data", () => {
  test("with only what differs from the defaults", () => {
    expect(xavier({ fan: "in" })).toEqual({ kind: "initializer", type: "xavier", options: {} });
    expect(gaussian({ std: 0.01 }).options).toEqual({ std: 0.01 });
    expect(JSON.parse(JSON.stringify(msra({ fan: "out" })))).toEqual(msra({ fan: "out" }));
  });

  test("and print as the call that made them", () => {
    const calls = [constant(), constant(0.1), xavier(), xavier({ fan: "average" }), gaussian({ mean: 1, std: 0.01 })];
    expect(calls.map(formatInitializer)).toEqual([
      "constant(0)",
      "constant(0.1)",
      "xavier()",
      'xavier({ fan: "average" })',
      "gaussian({ mean: 1, std: 0.01 })",
    ]);
    expect(Object.keys(initializers)).toEqual(["constant", "uniform", "gaussian", "xavier", "msra"]);
  });

  test.each([
    ["gaussian: its std is -1, expected a number ≥ 0", () => gaussian({ std: -1 })],
    ["uniform: its min is 2 and its max is 1", () => uniform({ min: 2 })],
    ["constant: its value is NaN, expected a finite number", () => constant(Number.NaN)],
    ['xavier: its fan is "both", expected "in", "out" or "average"', () => xavier({ fan: "both" as never })],
    ['msra: its option "std" is unknown, expected fan', () => msra({ std: 1 } as never)],
  ])("and refuse %s", (message, make) => {
    try {
      make();
      expect.unreachable();
    } catch (error) {
      expect(isBaseError(error) && error.code).toBe("LAYER_OPTION_INVALID");
      expect(String(error)).toContain(message);
    }
  });
});
