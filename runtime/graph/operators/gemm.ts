import { broadcast, formatShape, sameShape } from "../lengths.js";
import type { Dim, Value } from "../types.js";
import { scaled } from "./masks.js";
import { requireInner } from "./matmul.js";
import { type Differentiation, type Inference, type Operator, requireRank, type Signature } from "./operator.js";

const signature = {
  inputs: ["a: float", "b: float", "c?: float"],
  attributes: {
    alpha: { kind: "float", default: 1 },
    beta: { kind: "float", default: 1 },
    transA: { kind: "int", default: 0, choices: [0, 1] },
    transB: { kind: "int", default: 0, choices: [0, 1] },
  },
} as const satisfies Signature;

type Flag = 0 | 1;

export const gemm: Operator<typeof signature> = {
  signature,
  doc: "y = alpha·a'·b' + beta·c, where ' transposes if transA, transB say so (onnx.ai, Gemm)",
  infer: ({ a, b, c }, n) => {
    for (const value of [a, b]) requireRank(n, value, 2);
    const [rows, inner] = turned(a, n.attributes.transA);
    const [innerB, columns] = turned(b, n.attributes.transB);
    requireInner(n, [a, inner], [b, innerB]);
    if (c) requireAddend(n, c, [rows, columns]);
    return { dtype: "float32", shape: [rows, columns] };
  },
  gradient: ({ a, b }, d) => ({
    a: () => leftGradient(b, d),
    b: () => rightGradient(a, d),
    c: () => scaled(d.g, d.dy, d.attributes.beta),
  }),
};

function turned({ shape: [rows = 1, columns = 1] }: Value, transposed: Flag): readonly [Dim, Dim] {
  return transposed ? [columns, rows] : [rows, columns];
}

function requireAddend(n: Pick<Inference, "fail">, c: Value, shape: readonly Dim[]): void {
  const result = broadcast(c.shape, shape);
  if (!result || !sameShape(result, shape)) {
    n.fail(`the addend "${c.name}" is ${formatShape(c.shape)}; expected what broadcasts to ${formatShape(shape)}`);
  }
}

type Rule = Differentiation<typeof signature>;

/** da = alpha·dy·b'ᵀ, or its transpose where a is transposed */
function leftGradient(b: Value, { g, dy, attributes: { alpha, transA, transB } }: Rule): Value {
  return transA
    ? g.op("Gemm", [b, dy], given(alpha, transB, 1))
    : g.op("Gemm", [dy, b], given(alpha, 0, transB ? 0 : 1));
}

/** db = alpha·a'ᵀ·dy, or its transpose where b is transposed */
function rightGradient(a: Value, { g, dy, attributes: { alpha, transA, transB } }: Rule): Value {
  return transB
    ? g.op("Gemm", [dy, a], given(alpha, 1, transA))
    : g.op("Gemm", [a, dy], given(alpha, transA ? 0 : 1, 0));
}

/** Attributes without those that equal the default. */
function given(alpha: number, transA: Flag, transB: Flag) {
  return {
    ...(alpha !== 1 && { alpha }),
    ...(transA !== 0 && { transA }),
    ...(transB !== 0 && { transB }),
  };
}
