import { describe, expect, test } from "vitest";
import { operators } from "../../runtime/graph/operators/index.js";
import { graph, input, label, model, onnx, printNetwork, softmaxCrossEntropy } from "../../runtime/layers/index.js";
import { definitionOf } from "../../runtime/layers/table.js";
import { hashedUniform } from "./hashed.js";
import { refusal, untyped } from "./refusal.js";
import { relativeError, runLayer } from "./run-layer.js";

const x = input("x", [6]);
const image = input("image", [2, 4, 4]);
const tokens = input("tokens", [3], { dtype: "int64" });

describe("operators as layers", () => {
  test("are every row of the operator table", () => {
    expect(Object.keys(onnx)).toEqual(Object.keys(operators));
    for (const op of Object.keys(onnx)) expect(definitionOf(`onnx.${op}`).type).toBe(`onnx.${op}`);
    expect(refusal(() => definitionOf("onnx.Rele")).codes).toEqual(["MODEL_FORMAT_DIFFERENT"]);
    expect(refusal(() => definitionOf("toString")).text).toContain('a layer of type "toString"');
  });

  test("have the type and shape of their operator, and options without defaults", () => {
    const gathered = onnx.Gather(x, [0, 2], { axis: 1, name: "some" });
    expect(gathered).toMatchObject({ dtype: "float32", shape: ["N", 2], index: 0 });
    expect(gathered.layer).toMatchObject({ type: "onnx.Gather", role: "layer", name: "some", options: { axis: 1 } });
    expect(onnx.Gather(x, 0, { axis: 0 }).layer.options).toEqual({});
    expect(onnx.Reshape(image, [0, -1]).shape).toEqual(["N", 32]);
    expect(onnx.Cast(tokens, { to: "float32" })).toMatchObject({ dtype: "float32", shape: ["N", 3] });
    expect(onnx.Greater(x, 0).dtype).toBe("bool");
    expect(onnx.Concat([x, onnx.Add(x, 1)], { axis: 1 }).shape).toEqual(["N", 12]);
    expect(onnx.Shape(image)).toMatchObject({ dtype: "int64", shape: [4] });
  });

  test("take numbers as constants: integers for indices, else the type of the first tensor", async () => {
    const whole = onnx.Cast(onnx.Mul(onnx.Add(tokens, 2), [1, 2, 3]), { to: "float32" });
    const y = onnx.Where(onnx.Greater(whole, 5), whole, -0.5);
    const { y: found } = await runLayer({
      y,
      feeds: { tokens: { data: [0n, 1n, 2n], dims: [1, 3] } },
      gradients: false,
    });
    expect([...found]).toEqual([-0.5, 6, 12]);
    expect(y.layer.inputs[2]).toBe(-0.5);
  });

  test("give a list where they have several outputs", () => {
    const [left, right] = onnx.Split(x, [2, 4], { axis: 1, outputs: 2 });
    expect([left.shape, right.shape]).toEqual([
      ["N", 2],
      ["N", 4],
    ]);
    expect([left.index, right.index]).toEqual([0, 1]);
    expect(left.layer).toBe(right.layer);
    const pooled = onnx.MaxPool(image, { kernel_shape: [2, 2] });
    expect(pooled.shape).toEqual(["N", 2, 3, 3]);
    const [, places] = onnx.MaxPool(image, { kernel_shape: [2, 2], outputs: 2 });
    expect(places.dtype).toBe("int64");
  });

  test("leave out optional inputs, at the end or in between", () => {
    expect(onnx.Clip(x, 0).layer.inputs).toEqual([x, 0]);
    const upper = onnx.Clip(x, undefined, 6);
    expect(upper.layer.inputs).toEqual([x, undefined, 6]);
    expect(onnx.Clip(x, undefined, undefined).layer.inputs).toEqual([x]);
  });

  test("print as they are written, outputs by number", () => {
    const [left, right] = onnx.Split(x, [2, 4], { axis: 1, outputs: 2 });
    const y = onnx.Concat([onnx.Clip(right, undefined, 6), left], { axis: -1 });
    const network = model({ name: "n", inputs: [x], outputs: { y } });
    expect(printNetwork(network)).toMatchInlineSnapshot(`
      "network "n"
        x = input(shape: [6])  # [6]
        onnx.Split1 = onnx.Split(x, [2, 4], axis: 1, outputs: 2)  # [2], [4]
        onnx.Clip1 = onnx.Clip(onnx.Split1.1, undefined, 6)  # [4]
        onnx.Concat1 = onnx.Concat(onnx.Clip1, onnx.Split1.0, axis: -1)  # [6]
        inputs: x
        outputs: y = onnx.Concat1
      "
    `);
  });
});

describe("operators as layers refuse, in the layer's name,", () => {
  const at = { file: "net.onnx", line: 7 };
  test.each([
    [
      "what the operator refuses, without the names of nodes",
      () => onnx.Gather(x, 0, { axis: 3, name: "g", at }),
      ["LAYER_SHAPE_MISMATCH"],
      ['net.onnx:7 LAYER_SHAPE_MISMATCH: layer "g" (onnx.Gather): Gather: axis 3 is outside a tensor of rank 2'],
    ],
    [
      "attributes that are unknown or of another kind, with the row's list",
      () => onnx.Gather(x, 0, untyped({ axis: "1", axes: [1] })),
      ["LAYER_OPTION_UNKNOWN", "LAYER_OPTION_INVALID"],
      ['its option "axes" is unknown, expected one of: name, axis', 'its option "axis" is "1", expected an integer'],
    ],
    [
      "a missing attribute and a missing input",
      () => onnx.Concat(untyped([]), untyped({})),
      ["LAYER_INPUT_INVALID", "LAYER_OPTION_INVALID"],
      ["layer onnx.Concat: its input", 'its option "axis" is missing'],
    ],
    [
      "an input too many, and one that is none",
      () => onnx.Relu(untyped("x"), ...([x, x] as unknown as [])),
      ["LAYER_INPUT_INVALID", "LAYER_INPUT_INVALID"],
      ["it is given 3 inputs, expected 1: x", 'its input x is "x", expected'],
    ],
    [
      "a loss as an input",
      () => onnx.Relu(untyped(softmaxCrossEntropy(x, label("y")))),
      ["LAYER_INPUT_INVALID"],
      ["one number for the whole batch"],
    ],
    [
      "types that the operator does not take",
      () => onnx.Sigmoid(tokens),
      ["LAYER_INPUT_INVALID"],
      ['its input x is "tokens" (int64 [3]), expected a float32 tensor or numbers'],
    ],
    [
      "numbers that are not whole where they become integers",
      () => onnx.Gather(x, [0, 0.5]),
      ["LAYER_INPUT_INVALID"],
      ["its input indices is [0, 0.5], expected whole numbers: they become int64"],
    ],
  ])("%s", (_, make, codes, says) => {
    const found = refusal(make);
    expect(found.codes, found.text).toEqual(codes);
    for (const part of says) expect(found.text).toContain(part);
  });
});

describe("graphs as attributes", () => {
  const sums = graph("sums", (g) => {
    const next = g.op("Add", [g.input("total", "float32", ["N", 2]), g.input("row", "float32", ["N", 2])]);
    g.output("total", next);
    g.output("sum", g.op("Mul", [next, next]));
  });

  test("Scan runs and has gradients: y[t] = (Σ x[0 … t])²", async () => {
    const sequence = input("x", [3, 2]);
    const start = onnx.Mul(onnx.ReduceSum(sequence, [1], { keepdims: 0 }), 0);
    const [, y] = onnx.Scan([start, sequence], {
      body: sums,
      num_scan_inputs: 1,
      scan_input_axes: [1],
      scan_output_axes: [1],
      outputs: 2,
    });
    expect(y.shape).toEqual(["N", 3, 2]);
    const dims = [2, 3, 2];
    const [data, c] = [hashedUniform(12, 1), hashedUniform(12, 2)];
    const at = (n: number, t: number, i: number) => (n * 3 + t) * 2 + i;
    const total = (n: number, t: number, i: number) => {
      return [0, 1, 2].slice(0, t + 1).reduce((sum, s) => sum + (data[at(n, s, i)] ?? 0), 0);
    };
    const wanted = new Float32Array(12);
    const gradient = new Float32Array(12);
    for (const n of [0, 1])
      for (const i of [0, 1])
        for (const t of [0, 1, 2]) {
          wanted[at(n, t, i)] = total(n, t, i) ** 2;
          for (const s of [0, 1, 2].slice(0, t + 1)) {
            gradient[at(n, s, i)] = (gradient[at(n, s, i)] ?? 0) + 2 * total(n, t, i) * (c[at(n, t, i)] ?? 0);
          }
        }
    const found = await runLayer({
      y,
      feeds: { x: { data, dims }, cotangent0: { data: c, dims } },
    });
    expect(relativeError(found.y, wanted)).toBeLessThan(1e-6);
    expect(relativeError(found.gradients.x ?? [], gradient)).toBeLessThan(1e-6);
  });

  test("print by name, and are refused where something else is given", () => {
    const refused = refusal(() => onnx.Scan([x, x], untyped({ body: "sums", num_scan_inputs: 1, outputs: 2 })));
    expect(refused.text).toContain('its option "body" is');
    expect(refused.text).toContain("expected a graph");
  });
});
