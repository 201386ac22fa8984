import type { Dim } from "../types.js";
import { type Inference, inputAt, type Operator } from "./operator.js";

/** The lengths of x, int64. */
export const shape: Operator = {
  inputs: [1, 1],
  attributes: {},
  infer: (n) => [{ dtype: "int64", shape: [inputAt(n, 0).shape.length] }],
  contents: (n) => inputAt(n, 0).shape,
  gradient: "stops",
};

/** A shape given as an int64 vector whose elements are known, the batch among them. */
export function shapeInput(n: Inference, input: number): readonly Dim[] {
  const value = inputAt(n, input);
  if (value.dtype !== "int64" || value.shape.length !== 1) {
    n.fail(`the shape "${value.name}" is ${value.dtype} of rank ${value.shape.length}; expected an int64 vector`);
  }
  const contents = n.contents(input) ?? n.fail(`the shape "${value.name}" is not known before the graph runs`);
  return contents.map((dim) => dim ?? n.fail(`the shape "${value.name}" holds a length that is not known beforehand`));
}

/** y = a float32 tensor of the given shape, filled with `value` */
export const constantOfShape: Operator = {
  inputs: [1, 1],
  attributes: { value: { kind: "fill", default: 0 } },
  infer: (n) => [{ dtype: "float32", shape: shapeInput(n, 0) }],
  gradient: "stops",
};
