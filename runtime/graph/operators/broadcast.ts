import { broadcast, formatShape } from "../lengths.js";
import type { Dim, Value, ValueType } from "../types.js";
import type { Inference } from "./operator.js";

/** The common type and broadcast shape of values, of which there is one at least. */
export function broadcastInputs(n: Pick<Inference, "fail">, values: readonly Value[]): ValueType {
  const first = values[0] ?? n.fail("has no inputs");
  for (const value of values) requireSameType(n, first, value);
  return { dtype: first.dtype, shape: broadcastShapes(n, values) };
}

export function requireSameType(n: Pick<Inference, "fail">, a: Value, b: Value): void {
  if (a.dtype !== b.dtype) n.fail(`"${a.name}" is ${a.dtype} and "${b.name}" is ${b.dtype}; expected one type`);
}

/** The shape that values of any types broadcast to. */
export function broadcastShapes(n: Pick<Inference, "fail">, values: readonly Value[]): readonly Dim[] {
  return values.reduce<readonly Dim[]>(
    (shape, value) => broadcast(shape, value.shape) ?? n.fail(misfit(shape, value)),
    [],
  );
}

function misfit(shape: readonly Dim[], value: Value): string {
  return `"${value.name}" has shape ${formatShape(value.shape)}, which does not broadcast with ${formatShape(shape)}`;
}
