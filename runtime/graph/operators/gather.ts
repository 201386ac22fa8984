import { formatShape, product } from "../dims.js";
import type { Dim, Value } from "../types.js";
import {
  axisOf,
  type Differentiation,
  type Inference,
  inputAt,
  numberOf,
  type Operator,
  stringOf,
} from "./operator.js";

const axisAttribute: Operator["attributes"] = { axis: { kind: "int", default: 0 } };

function axisOfInput(n: Pick<Inference, "inputs" | "attributes" | "fail">): number {
  return axisOf(n, numberOf(n.attributes, "axis"), inputAt(n, 0).shape.length);
}

function requireIndices(n: Inference, value: Value): void {
  if (value.dtype !== "int32" && value.dtype !== "int64") {
    n.fail(`the indices "${value.name}" are ${value.dtype}; expected int32 or int64`);
  }
}

/** y = x at the indices (input 1, any shape) of one axis */
export const gather: Operator = {
  inputs: [2, 2],
  attributes: axisAttribute,
  infer: (n) => {
    const [x, indices] = [inputAt(n, 0), inputAt(n, 1)];
    requireIndices(n, indices);
    const axis = axisOfInput(n);
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)] }];
  },
  contents: (n) => {
    const [known, picks] = [n.contents(0), n.contents(1)];
    return known && picks?.map((index) => (typeof index === "number" ? known.at(index) : undefined));
  },
  gradient: (d) => [() => gatherGradient(d), undefined],
};

/** dx = zeros with dy added at the indices. ScatterElements wants indices of the updates' shape: [1, …, I, …, 1] expanded. */
function gatherGradient(d: Differentiation): Value {
  const { g, dy } = d;
  const [x, indices] = [inputAt(d, 0), inputAt(d, 1)];
  const axis = axisOfInput(d);
  const picked = product(indices.shape) ?? d.fail(`the indices ${formatShape(indices.shape)} hold the batch twice`);
  const updateShape: readonly Dim[] = [...x.shape.slice(0, axis), picked, ...x.shape.slice(axis + 1)];
  const updates = indices.shape.length === 1 ? dy : g.op("Reshape", [dy, wildcardShape(d, updateShape)]);
  const column = x.shape.map((_, i) => (i === axis ? -1 : 1));
  const spread = g.op("Expand", [g.op("Reshape", [indices, g.ints(column)]), g.op("Shape", [updates])]);
  const zeros = g.op("ConstantOfShape", [g.op("Shape", [x])]);
  return g.op("ScatterElements", [zeros, spread, updates], { axis, reduction: "add" });
}

/** A shape with at most one unknown length as a constant for Reshape. */
function wildcardShape(d: Differentiation, shape: readonly Dim[]): Value {
  if (shape.filter((dim) => typeof dim !== "number").length > 1) {
    d.fail(`${formatShape(shape)} has more than one length that is not known beforehand`);
  }
  return d.g.ints(shape.map((dim) => (typeof dim === "number" ? dim : -1)));
}

/** y[i] = x[…, indices[i], …]: indices of the result's shape */
export const gatherElements: Operator = {
  inputs: [2, 2],
  attributes: axisAttribute,
  infer: (n) => {
    const [x, indices] = [inputAt(n, 0), inputAt(n, 1)];
    requireIndices(n, indices);
    requireSameRank(n, x, indices);
    axisOfInput(n);
    return [{ dtype: x.dtype, shape: indices.shape }];
  },
  gradient: (d) => {
    const { g, dy } = d;
    const [x, indices] = [inputAt(d, 0), inputAt(d, 1)];
    const zeros = () => g.op("ConstantOfShape", [g.op("Shape", [x])]);
    const attributes = { axis: axisOfInput(d), reduction: "add" };
    return [() => g.op("ScatterElements", [zeros(), indices, dy], attributes), undefined];
  },
};

function requireSameRank(n: Inference, x: Value, other: Value): void {
  if (x.shape.length !== other.shape.length) {
    n.fail(`"${x.name}" ${formatShape(x.shape)} and "${other.name}" ${formatShape(other.shape)} differ in rank`);
  }
}

/** y = x with updates (input 2) written, or with reduction "add" added, at the indices (input 1) */
export const scatterElements: Operator = {
  inputs: [3, 3],
  attributes: { ...axisAttribute, reduction: { kind: "string", default: "none" } },
  infer: (n) => {
    const [x, indices, updates] = [inputAt(n, 0), inputAt(n, 1), inputAt(n, 2)];
    requireIndices(n, indices);
    requireSameRank(n, x, indices);
    if (formatShape(indices.shape) !== formatShape(updates.shape) || updates.dtype !== x.dtype) {
      n.fail(
        `the updates are ${updates.dtype} ${formatShape(updates.shape)}; expected ${x.dtype} ${formatShape(indices.shape)}`,
      );
    }
    const reduction = stringOf(n.attributes, "reduction");
    if (reduction !== "none" && reduction !== "add")
      n.fail(`the reduction is "${reduction}"; expected "none" or "add"`);
    axisOfInput(n);
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  gradient: (d) => {
    const { g, dy, attributes } = d;
    const [indices, updates] = [inputAt(d, 1), inputAt(d, 2)];
    const axis = axisOfInput(d);
    const overwritten = () => {
      const zeros = g.op("ConstantOfShape", [g.op("Shape", [updates])]);
      return g.op("ScatterElements", [dy, indices, zeros], { axis });
    };
    return [
      stringOf(attributes, "reduction") === "add" ? () => dy : overwritten,
      undefined,
      () => g.op("GatherElements", [dy, indices], { axis }),
    ];
  },
};
