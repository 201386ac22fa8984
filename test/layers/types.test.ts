import { expect, test } from "vitest";
import { conv2d, dense, dropout, gaussian, input, label, maxPool2d, model, relu } from "../../runtime/layers/index.js";

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
  data.name = "other";
}

test("misuse that the compiler refuses is listed for the type check", () => {
  expect(misuse).toBeTypeOf("function");
});
