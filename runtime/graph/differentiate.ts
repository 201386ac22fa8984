import { internalError } from "../errors.js";
import { sameShape } from "./dims.js";
import { filledAttributes, nodeError, operatorOf } from "./infer.js";
import type { Differentiation, GradientRule } from "./operators/operator.js";
import { reshapeLike } from "./operators/reshape.js";
import type { GraphBuilder, GraphNode, Value } from "./types.js";

/**
 * Reverse-mode differentiation: appends to `g` the nodes that compute d loss / d value for each of `wrt`, in that order,
 * each in the value's own shape. Only what these need is computed. A value that does not reach the loss gets zeros.
 * Backward nodes are named after the scope of their forward node, with `grad_` before it, and carry its source place.
 *
 * @param loss a float32 scalar, shape `[]`
 * @throws CompileError GRAPH_GRADIENT_MISSING where an operator on the way has no gradient rule
 */
export function differentiate(g: GraphBuilder, loss: Value, wrt: readonly Value[]): readonly Value[] {
  requireScalar(g, loss);
  const forward = [...g.nodes];
  const active = activeValues(forward, wrt);
  const gradients = new Gradients(g);
  gradients.add(loss, () => g.scalar(1));
  for (const node of forward.reverse()) {
    const [dy, ...others] = node.outputs.map((output) =>
      active.has(output.name) ? gradients.take(output) : undefined,
    );
    if (others.some((gradient) => gradient !== undefined)) {
      throw missing(node, "only output 0 has a gradient, and the loss depends on another");
    }
    if (dy) backward(g, { node, dy, active, gradients });
  }
  return wrt.map((value) => gradients.take(value) ?? zeros(g, value));
}

interface Step {
  readonly node: GraphNode;
  readonly dy: Value;
  readonly active: ReadonlySet<string>;
  readonly gradients: Gradients;
}

/** Hands dy on from the output of one node to those of its inputs that lead to a wanted value. */
function backward(g: GraphBuilder, { node, dy, active, gradients }: Step): void {
  g.within(`grad_${scopeOf(node)}`, node.at, () => {
    const inputs = ruleOf(node)(contextOf(g, node, dy));
    node.inputs.forEach((value, index) => {
      const gradient = inputs[index];
      if (value && gradient && active.has(value.name)) gradients.add(value, gradient);
    });
  });
}

function contextOf(g: GraphBuilder, node: GraphNode, dy: Value): Differentiation {
  return {
    g,
    node,
    dy,
    inputs: node.inputs,
    outputs: node.outputs,
    attributes: filledAttributes(operatorOf(node), node.attributes),
    constant: (value) => value && g.constantOf(value),
    fail: (message, hint) => {
      throw nodeError({ code: "GRAPH_GRADIENT_MISSING", node, message: `no gradient: ${message}`, hint });
    },
  };
}

function ruleOf(node: GraphNode): GradientRule {
  const { gradient } = operatorOf(node);
  if (gradient === "missing") throw missing(node, "the operator has no gradient rule, and the loss depends on it");
  if (gradient === "stops") throw internalError(`${node.op} "${node.name}" stops gradients but was given one`);
  return gradient;
}

function missing(node: GraphNode, message: string) {
  return nodeError({ code: "GRAPH_GRADIENT_MISSING", node, message });
}

/** `conv1` of the node `conv1/Conv_2`; the node's own name where it has no scope. */
function scopeOf({ name }: GraphNode): string {
  const slash = name.lastIndexOf("/");
  return slash < 0 ? name : name.slice(0, slash);
}

/** The float values that depend on one of `wrt`. */
function activeValues(nodes: readonly GraphNode[], wrt: readonly Value[]): ReadonlySet<string> {
  const active = new Set(wrt.map(({ name }) => name));
  for (const node of nodes) {
    if (operatorOf(node).gradient === "stops") continue;
    if (!node.inputs.some((value) => value && active.has(value.name))) continue;
    for (const output of node.outputs) if (output.dtype === "float32") active.add(output.name);
  }
  return active;
}

/** Gradients by value, those of several uses added up. */
class Gradients {
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
    throw internalError(`the gradient of "${value.name}" [${value.shape.join()}] has shape [${gradient.shape.join()}]`);
  }
  return result;
}

function zeros(g: GraphBuilder, value: Value): Value {
  return g.op("ConstantOfShape", [g.op("Shape", [value])]);
}

function requireScalar(g: GraphBuilder, loss: Value): void {
  if (loss.dtype === "float32" && loss.shape.length === 0) return;
  const node = g.producer(loss) ?? { op: "graph input", name: loss.name };
  const message = `the loss "${loss.name}" is ${loss.dtype} [${loss.shape.join(",")}]; expected a float32 scalar []`;
  throw nodeError({ code: "GRAPH_NODE_INVALID", node, message });
}
