import { broadcast, formatShape } from "../dims.js";
import type { Dim, GraphBuilder, Value } from "../types.js";
import {
  type Differentiation,
  type Inference,
  inputAt,
  numberOf,
  type Operator,
  requireFloat,
  requireRank,
} from "./operator.js";
import { swapLast } from "./transpose.js";

/** y = a·b over the last two axes; the others broadcast. Rank 1 operands are refused: reshape them. */
export const matMul: Operator = {
  inputs: [2, 2],
  attributes: {},
  infer: (n) => {
    const [a, b] = [inputAt(n, 0), inputAt(n, 1)];
    for (const value of [a, b]) {
      requireFloat(n, value);
      if (value.shape.length < 2) n.fail(`"${value.name}" has rank ${value.shape.length}; expected 2 or more`);
    }
    requireInner(n, [a, a.shape.at(-1)], [b, b.shape.at(-2)]);
    const batch =
      broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)) ??
      n.fail(`${formatShape(a.shape)} and ${formatShape(b.shape)} do not broadcast`);
    return [{ dtype: "float32", shape: [...batch, a.shape.at(-2) ?? 1, b.shape.at(-1) ?? 1] }];
  },
  gradient: (d) => {
    const { g, dy } = d;
    const [a, b] = [inputAt(d, 0), inputAt(d, 1)];
    return [() => g.op("MatMul", [dy, swapLast(g, b)]), () => rightGradient(g, { a, b, dy })];
  },
};

/** db = Σ aᵀ·dy. With a matrix b the leading axes of a and dy are rows, so one Gemm sums over them too. */
function rightGradient(
  g: GraphBuilder,
  { a, b, dy }: { readonly a: Value; readonly b: Value; readonly dy: Value },
): Value {
  if (b.shape.length > 2) return g.op("MatMul", [swapLast(g, a), dy]);
  const rows = (value: Value) => {
    const width = value.shape.at(-1);
    if (value.shape.length === 2 || typeof width !== "number") return value;
    return g.op("Reshape", [value, g.ints([-1, width])]);
  };
  const [left, right] = [rows(a), rows(dy)];
  if (left.shape.length !== 2 || right.shape.length !== 2) return g.op("MatMul", [swapLast(g, a), dy]);
  return g.op("Gemm", [left, right], { transA: 1 });
}

function requireInner(
  n: Inference,
  [a, left]: readonly [Value, Dim | undefined],
  [b, right]: readonly [Value, Dim | undefined],
): void {
  if (left !== right) {
    n.fail(
      `"${a.name}" ${formatShape(a.shape)} and "${b.name}" ${formatShape(b.shape)} differ in the inner length: ${left} and ${right}`,
    );
  }
}

/** y = alpha·a'·b' + beta·c, where ' transposes if transA, transB say so */
export const gemm: Operator = {
  inputs: [2, 3],
  attributes: {
    alpha: { kind: "float", default: 1 },
    beta: { kind: "float", default: 1 },
    transA: { kind: "int", default: 0 },
    transB: { kind: "int", default: 0 },
  },
  infer: (n) => {
    const [a, b] = [inputAt(n, 0), inputAt(n, 1)];
    for (const value of [a, b]) {
      requireFloat(n, value);
      requireRank(n, value, 2);
    }
    const [rows, inner] = turned(a, numberOf(n.attributes, "transA"));
    const [innerB, columns] = turned(b, numberOf(n.attributes, "transB"));
    requireInner(n, [a, inner], [b, innerB]);
    const shape = [rows, columns];
    const c = n.inputs[2];
    if (c) requireAddend(n, c, shape);
    return [{ dtype: "float32", shape }];
  },
  gradient: (d) => [() => gemmLeft(d), () => gemmRight(d), () => scaled(d, d.dy, "beta")],
};

function turned({ shape: [rows = 1, columns = 1] }: Value, transposed: number): readonly [Dim, Dim] {
  return transposed ? [columns, rows] : [rows, columns];
}

function requireAddend(n: Inference, c: Value, shape: readonly Dim[]): void {
  const result = broadcast(c.shape, shape);
  if (c.dtype !== "float32" || !result || formatShape(result) !== formatShape(shape)) {
    n.fail(
      `the addend "${c.name}" is ${c.dtype} ${formatShape(c.shape)}; expected float32 that broadcasts to ${formatShape(shape)}`,
    );
  }
}

/** da = alpha·dy·b'ᵀ, or its transpose where a is transposed */
function gemmLeft({ g, dy, inputs, attributes }: Differentiation): Value {
  const alpha = numberOf(attributes, "alpha");
  const [, b] = inputs;
  const transB = numberOf(attributes, "transB");
  return numberOf(attributes, "transA")
    ? g.op("Gemm", [b, dy], gemmAttributes(alpha, transB, 1))
    : g.op("Gemm", [dy, b], gemmAttributes(alpha, 0, 1 - transB));
}

/** db = alpha·a'ᵀ·dy, or its transpose where b is transposed */
function gemmRight({ g, dy, inputs, attributes }: Differentiation): Value {
  const alpha = numberOf(attributes, "alpha");
  const [a] = inputs;
  const transA = numberOf(attributes, "transA");
  return numberOf(attributes, "transB")
    ? g.op("Gemm", [dy, a], gemmAttributes(alpha, 1, transA))
    : g.op("Gemm", [a, dy], gemmAttributes(alpha, 1 - transA, 0));
}

function gemmAttributes(alpha: number, transA: number, transB: number) {
  return {
    ...(alpha !== 1 && { alpha }),
    ...(transA !== 0 && { transA }),
    ...(transB !== 0 && { transB }),
  };
}

function scaled({ g, attributes }: Differentiation, value: Value, name: string): Value {
  const factor = numberOf(attributes, name);
  return factor === 1 ? value : g.op("Mul", [value, g.scalar(factor)]);
}
