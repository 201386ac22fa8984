import type { Dim } from "./types.js";

/** A length as `factor`, or as `factor` × N. */
interface Length {
  readonly factor: number;
  readonly batch: boolean;
}

function lengthOf(dim: Dim): Length {
  if (typeof dim === "number") return { factor: dim, batch: false };
  return { factor: dim === "N" ? 1 : Number(dim.slice(0, -1)), batch: true };
}

function dimOf({ factor, batch }: Length): Dim {
  if (!batch || factor === 0) return factor;
  return factor === 1 ? "N" : `${factor}N`;
}

/** The number of elements of a shape; undefined where the batch is multiplied by itself. */
export function product(shape: readonly Dim[]): Dim | undefined {
  let factor = 1;
  let batches = 0;
  for (const dim of shape) {
    const length = lengthOf(dim);
    factor *= length.factor;
    if (length.batch) batches += 1;
  }
  return batches > 1 ? undefined : dimOf({ factor, batch: batches === 1 });
}

/** `a / b` where that is a whole length for every batch; else undefined. */
export function quotient(a: Dim, b: Dim): Dim | undefined {
  const [above, below] = [lengthOf(a), lengthOf(b)];
  if (below.factor === 0 || above.factor % below.factor !== 0) return undefined;
  if (below.batch && !above.batch) return undefined;
  return dimOf({ factor: above.factor / below.factor, batch: above.batch && !below.batch });
}

/** `a + b` where both are fixed or both are multiples of the batch; else undefined. */
export function sum(a: Dim, b: Dim): Dim | undefined {
  const [left, right] = [lengthOf(a), lengthOf(b)];
  if (left.factor === 0) return b;
  if (right.factor === 0) return a;
  return left.batch === right.batch ? dimOf({ factor: left.factor + right.factor, batch: left.batch }) : undefined;
}

export function sameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** True where every length is known before the program runs. */
export function isStatic(shape: readonly Dim[]): shape is readonly number[] {
  return shape.every((dim) => typeof dim === "number");
}

/** The shape of an element-wise result (ONNX multidirectional broadcasting); undefined where the shapes do not fit. */
export function broadcast(a: readonly Dim[], b: readonly Dim[]): readonly Dim[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return undefined;
    shape.push(left === 1 ? right : left);
  }
  return shape;
}

export function formatShape(shape: readonly Dim[]): string {
  return `[${shape.join(",")}]`;
}
