import { expect, test } from "vitest";
import { buildCase, recordedCases } from "./recorded.js";
import { relativeError, runLayer } from "./run-layer.js";

test.each(recordedCases.map((recorded) => [`${recorded.layer}: ${recorded.name}`, recorded] as const))(
  "PyTorch's values and gradients: %s",
  async (_, recorded) => {
    const { y, feeds } = buildCase(recorded);
    expect([...(y.perBatch ? [] : [recorded.x[0]]), ...y.shape]).toEqual(recorded.y.shape);

    const outcome = await runLayer({ y, feeds });

    expect(outcome.shape).toEqual(recorded.y.shape);
    expect(relativeError(outcome.y, recorded.y.data)).toBeLessThan(1e-5);
    for (const [name, wanted] of Object.entries(recorded.gradients)) {
      const found = outcome.gradients[name === "x" ? "x" : `layer.${name}`];
      expect(relativeError(found ?? [], wanted), name).toBeLessThan(1e-5);
    }
  },
);
