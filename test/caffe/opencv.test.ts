import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { compileInference } from "../../runtime/program/index.js";
import { importNet } from "./caffe.js";

interface Recorded {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Case {
  readonly name: string;
  readonly prototxt: string;
  readonly input: Recorded;
  readonly weights: Readonly<Record<string, Recorded>>;
  readonly output: Recorded;
}

const { cases } = JSON.parse(readFileSync("fixtures/opencv/outputs.json", "utf8")) as {
  readonly cases: readonly Case[];
};

const floats = ({ shape, data }: Recorded): { readonly shape: readonly number[]; readonly data: Float32Array } => ({
  shape,
  data: Float32Array.from(data),
});

describe("an imported net computes what OpenCV's Caffe reader computes", () => {
  test.each(cases)("$name", async ({ prototxt, input, weights, output }) => {
    const { network } = await importNet(prototxt);
    const named = Object.fromEntries(Object.entries(weights).map(([name, value]) => [name, floats(value)]));
    const session = await InferenceSession.create(compileInference(network, named), {
      intraOpNumThreads: 1,
      logSeverityLevel: 3,
    });
    try {
      const result = await session.run({ data: new Tensor("float32", Float32Array.from(input.data), input.shape) });
      const [y] = Object.values(result);
      expect(y?.dims).toEqual(output.shape);
      const differences = [...((y?.data ?? []) as Float32Array)].map((value, index) =>
        Math.abs(value - (output.data[index] ?? Number.NaN)),
      );
      expect(Math.max(...differences)).toBeLessThan(5e-6);
    } finally {
      await session.release();
    }
  });
});
