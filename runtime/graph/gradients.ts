import { internalError } from "../errors.js";
import { formatShape, sameShape } from "./lengths.js";
import { reshapeLike } from "./operators/reshape.js";
import type { GraphBuilder, Value } from "./types.js";

/** Gradients by value, those of several uses added up. */
export class Gradients {
  readonly #g: GraphBuilder;
  readonly #parts = new Map<string, Value[]>();

  constructor(g: GraphBuilder) {
    this.#g = g;
  }

  /** Adds one use's gradient, summed over the axes along which the value was broadcast. */
  add(value: Value, gradient: () => Value): void {
    const parts = this.#parts.get(value.name) ?? [];
    this.#parts.set(value.name, parts);
    parts.push(sumToShape(this.#g, gradient(), value));
  }

  /** The gradient of a value, whole once all its uses have been visited. */
  take(value: Value): Value | undefined {
    const parts = this.#parts.get(value.name);
    if (!parts) return undefined;
    const [first, second] = parts;
    if (!first || !second) return first;
    const total = parts.length === 2 ? this.#g.op("Add", [first, second]) : this.#g.op("Sum", parts);
    this.#parts.set(value.name, [total]);
    return total;
  }
}

/** Sums a gradient over the axes along which `value` was broadcast to the gradient's shape. */
function sumToShape(g: GraphBuilder, gradient: Value, value: Value): Value {
  if (sameShape(gradient.shape, value.shape)) return gradient;
  const lead = gradient.shape.length - value.shape.length;
  const inner = value.shape.flatMap((dim, axis) =>
    dim === 1 && gradient.shape[axis + lead] !== 1 ? [axis + lead] : [],
  );
  const leading = Array.from({ length: Math.max(lead, 0) }, (_, axis) => axis);
  const axes = g.ints([...leading, ...inner]);
  const summed = g.op("ReduceSum", [gradient, axes], { keepdims: inner.length > 0 ? 1 : 0 });
  const result = inner.length > 0 && lead > 0 ? reshapeLike(g, summed, value) : summed;
  if (!sameShape(result.shape, value.shape)) {
    const found = formatShape(gradient.shape);
    throw internalError(`the gradient of "${value.name}" ${formatShape(value.shape)} has shape ${found}`);
  }
  return result;
}
