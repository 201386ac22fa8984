import { expect, it } from "vitest";
import { openEngine } from "../../runtime/engines/index.js";
import { dense, input, label, model, softmaxCrossEntropy, tanh } from "../../runtime/layers/index.js";
import { compile, initialWeights } from "../../runtime/program/index.js";

it("the onnxruntime engine runs a compiled network: gradients agree with differences of its loss, frozen parameters get none", async () => {
  const data = input("data", [4]);
  const digit = label("digit", { classes: 3 });
  const hidden = tanh(dense(data, { name: "fc1", units: 5, lr: [0, 1] }));
  const scores = dense(hidden, { name: "fc2", units: 3 });
  const loss = softmaxCrossEntropy(scores, digit);
  const program = compile(model({ name: "small", inputs: [data], labels: [digit], loss }));
  const session = await openEngine("onnxruntime", program);
  session.weights.set(initialWeights(program, 1));
  const x = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i));
  const labels = Int32Array.of(0, 1, 2, 2, 1, 0);
  const batch = { rows: 6, feeds: { data: { shape: [6, 4], data: x }, digit: { shape: [6], data: labels } } };
  await session.step(batch);
  const lossAt = async (index: number, change: number) => {
    const kept = session.weights[index] ?? 0;
    session.weights[index] = kept + change;
    const { sum, weight } = (await session.evaluate(batch)).loss ?? { sum: Number.NaN, weight: 1 };
    session.weights[index] = kept;
    return sum / weight;
  };
  for (const { name, offset, length, role } of program.variables) {
    if (role === "frozen") continue;
    for (let index = offset; index < offset + length; index++) {
      const slope = ((await lossAt(index, 0.01)) - (await lossAt(index, -0.01))) / 0.02;
      expect(session.pushed[index], name).toBeCloseTo(slope, 4);
    }
  }
  expect(program.variables.filter(({ role }) => role === "frozen").map(({ name }) => name)).toEqual(["fc1.weight"]);
  await session.close();
});
