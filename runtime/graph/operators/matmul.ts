import { broadcast, formatShape } from "../lengths.js";
import type { Dim, GraphBuilder, Value } from "../types.js";
import { requireSameType } from "./broadcast.js";
import type { Inference, Operator, Signature } from "./operator.js";
import { swapLast } from "./transpose.js";

const signature = { inputs: ["a: number", "b: number"], attributes: {} } as const satisfies Signature;

export const matMul: Operator<typeof signature> = {
  signature,
  doc: "y = a·b over the last two axes, the others broadcast; a of rank 1 is a row, b a column, which y leaves out (onnx.ai, MatMul)",
  infer: ({ a, b }, n) => {
    requireSameType(n, a, b);
    for (const value of [a, b]) if (value.shape.length === 0) n.fail(`"${value.name}" has rank 0; expected 1 or more`);
    const vector = b.shape.length === 1;
    requireInner(n, [a, a.shape.at(-1)], [b, b.shape.at(vector ? -1 : -2)]);
    const batch =
      broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)) ??
      n.fail(`${formatShape(a.shape)} and ${formatShape(b.shape)} do not broadcast`);
    return { dtype: a.dtype, shape: [...batch, ...a.shape.slice(-2, -1), ...(vector ? [] : b.shape.slice(-1))] };
  },
  gradient: ({ a, b }, { g, dy }) => {
    const vectors = [...(a.shape.length === 1 ? [-2] : []), ...(b.shape.length === 1 ? [-1] : [])];
    // Vectors become matrices, and the axes that y leaves out come back. Only what is used is made.
    const matrix = (value: Value, axis: number) =>
      value.shape.length === 1 ? g.op("Unsqueeze", [value, g.ints([axis])]) : value;
    const whole = () => (vectors.length > 0 ? g.op("Unsqueeze", [dy, g.ints(vectors)]) : dy);
    return {
      a: () => g.op("MatMul", [whole(), swapLast(g, matrix(b, 1))]),
      b: () => {
        const right = rightGradient(g, { a: matrix(a, 0), matrix: b.shape.length <= 2, dy: whole() });
        return b.shape.length === 1 ? g.op("Squeeze", [right, g.ints([-1])]) : right;
      },
    };
  },
};

interface Right {
  readonly a: Value;
  /** b is one matrix for all leading axes. */
  readonly matrix: boolean;
  readonly dy: Value;
}

/** db = Σ aᵀ·dy. With a matrix b the leading axes of a and dy are rows, so one Gemm sums over them too. */
function rightGradient(g: GraphBuilder, { a, matrix, dy }: Right): Value {
  if (!matrix) return g.op("MatMul", [swapLast(g, a), dy]);
  const rows = (value: Value) => {
    const width = value.shape.at(-1);
    if (value.shape.length === 2 || typeof width !== "number") return value;
    return g.op("Reshape", [value, g.ints([-1, width])]);
  };
  const [left, right] = [rows(a), rows(dy)];
  if (left.shape.length !== 2 || right.shape.length !== 2) return g.op("MatMul", [swapLast(g, a), dy]);
  return g.op("Gemm", [left, right], { transA: 1 });
}

/** Checks that two matrices fit, given the lengths of the axes that are multiplied. */
export function requireInner(
  n: Pick<Inference, "fail">,
  [a, left]: readonly [Value, Dim | undefined],
  [b, right]: readonly [Value, Dim | undefined],
): void {
  if (left !== right) {
    n.fail(
      `"${a.name}" ${formatShape(a.shape)} and "${b.name}" ${formatShape(b.shape)} differ in the inner length: ${left} and ${right}`,
    );
  }
}
