import { describe, expect, test } from "vitest";
import { openEngine } from "../../runtime/engines/index.js";
import { dense, dropout, input, meanSquaredError, model, relu, target } from "../../runtime/layers/index.js";
import { compile, initialWeights } from "../../runtime/program/index.js";

/** Layer and column names that look like what a program calls its inputs, outputs and operators. */
type Names = readonly [column: string, layer: string, rectifier?: string, drop?: string];

const awkward: readonly Names[] = [
  ["sum:loss", "out"],
  ["grad:out.weight", "out"],
  ["next/Relu", "next"],
  ["mask:drop", "drop/x"],
  ["constant", "total"],
  ["total", "Gemm"],
  ["weight:loss", "mask:drop/Relu"],
  ['a b/ç"%', "Relu"],
  ["x", "fc", "mask:a", "a/Relu"],
];

describe("any text is a name", () => {
  test.each(awkward.map((names) => ({ names })))("$names", async ({ names }) => {
    const numbersOf = async ([column, layer, rectifier = `${layer}/x`, drop = "drop"]: Names) => {
      const data = input(column, [3]);
      const wanted = target("wanted", [2]);
      const kept = dropout(relu(data, { name: rectifier }), { name: drop, rate: 0.5 });
      const loss = meanSquaredError(dense(kept, { name: layer, units: 2 }), wanted);
      const program = compile(model({ name: "n", inputs: [data], labels: [wanted], loss }));
      expect(program.feeds.map(({ kind }) => kind)).toEqual(["features", "labels", "mask"]);
      expect(new Set(program.feeds.map(({ name }) => name)).size).toBe(3);
      for (const { inputs, outputs } of [program.step, program.evaluate]) {
        const names = [...inputs.map(({ input }) => input), ...outputs.map(({ output }) => output)];
        expect(new Set(names).size).toBe(names.length);
      }
      const session = await openEngine("onnxruntime", program);
      session.weights.set(initialWeights(program, 1).map((_, index) => Math.sin(index)));
      const arrays = {
        features: { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
        labels: { shape: [2, 2], data: Float32Array.of(1, 0, 0, 1) },
        mask: { shape: [2, 3], data: Float32Array.of(2, 0, 2, 2, 2, 0) },
      };
      const feeds = Object.fromEntries(
        program.feeds.map(({ name, kind }) => [name, kind === "normalizer" ? arrays.mask : arrays[kind]]),
      );
      const result = await session.step({ rows: 2, feeds });
      const pushed = session.pushed.slice();
      await session.close();
      return { result, pushed };
    };
    expect(await numbersOf(names)).toEqual(await numbersOf(["plain", "fc"]));
  });
});
