import { describe, expect, test } from "vitest";
import { operators } from "../../runtime/graph/operators/index.js";
import type { Operator } from "../../runtime/graph/operators/operator.js";
import { gradientCases } from "./gradient-cases.js";
import { difference } from "./support.js";

/** Float32 kernels, step 1e-2: rounding leaves about 1e-5 of the sum of the terms' magnitudes. */
const tolerance = 2e-4;

describe("gradient rules", () => {
  test("there is a case for each operator with a rule, and only for these", () => {
    const rows: readonly (readonly [string, Operator])[] = Object.entries(operators);
    const ruled = rows.filter(([, { gradient, decompose }]) => typeof gradient === "function" || decompose);
    expect(Object.keys(gradientCases).sort()).toEqual(ruled.map(([op]) => op).sort());
  });

  for (const [op, cases] of Object.entries(gradientCases)) {
    test.each(cases)(`${op}: $name agrees with central differences`, async (gradientCase) => {
      const found = await difference(gradientCase);
      expect(found.error, JSON.stringify(found)).toBeLessThan(tolerance);
      if (!gradientCase.name.includes("constant 0")) expect(Math.abs(found.numeric)).toBeGreaterThan(0);
    });
  }
});
