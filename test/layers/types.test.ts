import { expect, test } from "vitest";
import {
  conv2d,
  dense,
  dropout,
  gaussian,
  input,
  label,
  maxPool2d,
  meanSquaredError,
  model,
  onnx,
  relu,
  type Tensor,
  variable,
} from "../../runtime/layers/index.js";

/** Never called: the compiler checks it (`npm run types`); each line below a directive must not type-check. */
function misuse(): void {
  const data = input("data", [1, 4, 4]);
  // @ts-expect-error a layer with parameters needs a name
  conv2d(data, { filters: 1, kernel: 3 });
  // @ts-expect-error units are required
  dense(data, { name: "d" });
  // @ts-expect-error an option of another library
  dense(data, { name: "d", units: 2, activation: "relu" });
  // @ts-expect-error a kernel has two axes
  conv2d(data, { name: "c", filters: 1, kernel: [3, 3, 3] });
  // @ts-expect-error rounding is a word of two
  maxPool2d(data, { kernel: 2, rounding: "up" });
  // @ts-expect-error an initializer is made by a function
  dense(data, { name: "d", units: 2, weights: "xavier" });
  // @ts-expect-error std is a number
  gaussian({ std: "0.01" });
  // @ts-expect-error a layer takes a tensor
  relu("data");
  // @ts-expect-error the rate is called rate
  dropout(data, { ratio: 0.5 });
  // @ts-expect-error classes is a number
  label("label", { classes: "10" });
  // @ts-expect-error inputs are a list
  model({ name: "n", inputs: data });
  // @ts-expect-error a tensor cannot be changed
  data.index = 1;
  // @ts-expect-error a loss is no tensor
  relu(meanSquaredError(data, data));
  // @ts-expect-error a tensor is no loss
  model({ name: "n", inputs: [data], loss: data });
  // @ts-expect-error a role is one of three words
  variable("v", [1], { role: "constant" });
}

/** Never called, like {@link misuse}: operators as layers, typed from their rows. */
function operators(): void {
  const x = input("x", [4, 4]);
  const one: Tensor = onnx.Relu(x, { name: "r" });
  const pooled: Tensor = onnx.MaxPool(x, { kernel_shape: [2] });
  const [values, places]: readonly [Tensor, Tensor] = onnx.MaxPool(x, { kernel_shape: [2], outputs: 2 });
  const [left, right]: readonly [Tensor, Tensor] = onnx.Split(x, [2, 2], { axis: 1, outputs: 2 });
  const joined: Tensor = onnx.Concat([one, pooled, values, places, left, right], { axis: 1 });
  const more: Tensor = onnx.Clip(onnx.Add(joined, 1), undefined, 6);
  const last: Tensor = onnx.Reshape(onnx.Gather(more, [0, 1], { axis: 1 }), [0, -1]);
  onnx.Conv(last, last, { group: 2 });
  onnx.Conv(last, last, last, { group: 2 });
  onnx.Conv(last, last, undefined, { group: 2 });
  // @ts-expect-error an input is missing
  onnx.Gather(x);
  // @ts-expect-error an input too many
  onnx.Relu(x, x);
  // @ts-expect-error an attribute is misspelt
  onnx.Gather(x, [0], { axes: 1 });
  // @ts-expect-error an attribute has another kind
  onnx.Gather(x, [0], { axis: "1" });
  // @ts-expect-error Relu has no attributes
  onnx.Relu(x, { alpha: 1 });
  // @ts-expect-error an attribute is required
  onnx.Concat([x, x]);
  // @ts-expect-error a variadic input is a list
  onnx.Concat(x, x, { axis: 1 });
  // @ts-expect-error one output
  onnx.Relu(x, { outputs: 2 });
  // @ts-expect-error how many outputs there are has to be said
  onnx.Split(x, [2, 2], { axis: 1 });
  // @ts-expect-error two tensors are no one
  const wrong: Tensor = onnx.Split(x, [2, 2], { axis: 1, outputs: 2 });
  // @ts-expect-error no such operator
  onnx.Rele(x);
  relu(wrong);
}

test("misuse that the compiler refuses is listed for the type check", () => {
  expect([misuse, operators].map((body) => typeof body)).toEqual(["function", "function"]);
});
