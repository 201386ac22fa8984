import { broadcast, formatShape } from "../dims.js";
import type { Dim, Value } from "../types.js";
import { type Differentiation, type Inference, inputAt, type Operator, type ValueType } from "./operator.js";

/** The common type and broadcast shape of all inputs. */
export function broadcastInputs(n: Inference): ValueType {
  const first = inputAt(n, 0);
  let shape: readonly Dim[] = first.shape;
  n.inputs.forEach((_, index) => {
    const value = inputAt(n, index);
    if (value.dtype !== first.dtype) {
      n.fail(`"${first.name}" is ${first.dtype} and "${value.name}" is ${value.dtype}; expected one type`);
    }
    shape = broadcast(shape, value.shape) ?? n.fail(misfit(shape, value));
  });
  return { dtype: first.dtype, shape };
}

function misfit(shape: readonly Dim[], value: Value): string {
  return `"${value.name}" has shape ${formatShape(value.shape)}, which does not broadcast with ${formatShape(shape)}`;
}

function requireNumber(n: Inference, { dtype, shape }: ValueType): ValueType {
  return dtype === "bool" ? n.fail("its inputs are bool; expected numbers") : { dtype, shape };
}

/** The gradients of an element-wise operator with two inputs, before summing over broadcast axes. */
type Pair = (d: Differentiation, a: Value, b: Value) => readonly [() => Value, () => Value];

function binary(pair: Pair): Operator {
  return {
    inputs: [2, 2],
    attributes: {},
    infer: (n) => [requireNumber(n, broadcastInputs(n))],
    gradient: (d) => pair(d, inputAt(d, 0), inputAt(d, 1)),
  };
}

/** y = a + b */
export const add = binary(({ dy }) => [() => dy, () => dy]);

/** y = a − b */
export const sub = binary(({ g, dy }) => [() => dy, () => g.op("Neg", [dy])]);

/** y = a·b */
export const mul = binary(({ g, dy }, a, b) => [() => g.op("Mul", [dy, b]), () => g.op("Mul", [dy, a])]);

/** y = a/b; db = −dy·y/b */
export const div = binary(({ g, dy, node }, _a, b) => [
  () => g.op("Div", [dy, b]),
  () => g.op("Neg", [g.op("Div", [g.op("Mul", [dy, node.outputs[0]]), b])]),
]);

/** y = aᵇ; da = dy·b·aᵇ⁻¹, which is 0 where b is 0; db = dy·y·ln a, which is 0 where a ≤ 0 */
export const pow: Operator = {
  ...binary((d, a, b) => [() => powBase(d, a, b), () => powExponent(d, a)]),
};

function powBase(d: Differentiation, a: Value, b: Value): Value {
  const { g, dy } = d;
  const exponent = d.constant(b);
  if (exponent?.data.length === 1) {
    const power = exponent.data[0] ?? 1;
    if (power === 2) return g.op("Mul", [dy, g.op("Mul", [a, g.scalar(2)])]);
    if (power === 0) return g.op("Mul", [dy, g.scalar(0)]);
    return g.op("Mul", [dy, g.op("Mul", [g.op("Pow", [a, g.scalar(power - 1)]), g.scalar(power)])]);
  }
  const slope = g.op("Mul", [b, g.op("Pow", [a, g.op("Sub", [b, g.scalar(1)])])]);
  const flat = g.op("Equal", [b, g.scalar(0)]);
  return g.op("Mul", [dy, g.op("Where", [flat, g.scalar(0), slope])]);
}

function powExponent({ g, dy, node }: Differentiation, a: Value): Value {
  const positive = g.op("Greater", [a, g.scalar(0)]);
  const logarithm = g.op("Log", [g.op("Where", [positive, a, g.scalar(1)])]);
  return g.op("Mul", [dy, g.op("Mul", [node.outputs[0], logarithm])]);
}

/** y = sum of any number of inputs */
export const sum: Operator = {
  inputs: [1, Number.POSITIVE_INFINITY],
  attributes: {},
  infer: (n) => {
    const type = requireNumber(n, broadcastInputs(n));
    return type.dtype === "float32" ? [type] : n.fail(`its inputs are ${type.dtype}; expected float32`);
  },
  gradient: ({ inputs, dy }) => inputs.map(() => () => dy),
};

/** The smallest or largest of any number of inputs. Where several are equal, the first of them takes the gradient. */
function extremum(): Operator {
  return {
    inputs: [1, Number.POSITIVE_INFINITY],
    attributes: {},
    infer: (n) => [requireNumber(n, broadcastInputs(n))],
    gradient: (d) => d.inputs.map((_, index) => () => extremumGradient(d, index)),
  };
}

function extremumGradient(d: Differentiation, index: number): Value {
  const { g, dy, node, inputs } = d;
  const y = node.outputs[0];
  let wins = g.op("Equal", [inputs[index], y]);
  for (const earlier of inputs.slice(0, index)) {
    wins = g.op("And", [wins, g.op("Not", [g.op("Equal", [earlier, y])])]);
  }
  return g.op("Where", [wins, dy, g.scalar(0)]);
}

export const min = extremum();
export const max = extremum();
