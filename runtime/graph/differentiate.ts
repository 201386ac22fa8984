import { internalError } from "../errors.js";
import { activeValues } from "./active.js";
import { contextOf, decomposed } from "./decomposition.js";
import { Gradients } from "./gradients.js";
import { namedInputs, nodeError, operatorOf } from "./infer.js";
import type { Differentiation, InputGradient } from "./operators/operator.js";
import { parsedSignature } from "./operators/signature.js";
import { zerosLike } from "./operators/zeros.js";
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
  const gradients = differentiateFrom(g, [[loss, g.scalar(1)]], wrt);
  return wrt.map((value, index) => gradients[index] ?? zerosLike(g, value));
}

/**
 * The same from several values whose gradients are known: `seeds` are pairs of a value and its gradient, of one shape.
 * Gives undefined for a value that reaches none of them.
 */
export function differentiateFrom(
  g: GraphBuilder,
  seeds: readonly (readonly [value: Value, gradient: Value])[],
  wrt: readonly Value[],
): readonly (Value | undefined)[] {
  const forward = [...g.nodes];
  const walk = new Walk(
    g,
    activeValues(
      forward,
      wrt.map(({ name }) => name),
    ),
  );
  for (const [value, gradient] of seeds) walk.gradients.add(value, () => gradient);
  walk.backward(forward);
  return wrt.map((value) => walk.gradients.take(value));
}

class Walk {
  readonly gradients: Gradients;
  readonly #g: GraphBuilder;
  #active: ReadonlySet<string>;

  constructor(g: GraphBuilder, active: ReadonlySet<string>) {
    this.#g = g;
    this.#active = active;
    this.gradients = new Gradients(g);
  }

  backward(nodes: readonly GraphNode[]): void {
    for (const node of nodes.toReversed()) {
      const dys = node.outputs.map((output) =>
        this.#active.has(output.name) ? this.gradients.take(output) : undefined,
      );
      if (dys.some((dy) => dy !== undefined)) {
        this.#g.within(`grad_${node.scope === "" ? node.name : node.scope}`, node.at, () => this.#step(node, dys));
      }
    }
  }

  #step(node: GraphNode, dys: readonly (Value | undefined)[]): void {
    if (operatorOf(node).decompose) this.#throughDecomposition(node, dys);
    else this.#byRule(node, dys);
  }

  /** Computes the operator anew from others, and hands the gradients to these. */
  #throughDecomposition(node: GraphNode, dys: readonly (Value | undefined)[]): void {
    const before = this.#g.nodes.length;
    const values = decomposed(this.#g, node);
    const nodes = this.#g.nodes.slice(before);
    this.#active = activeValues(nodes, this.#active);
    for (const [index, dy] of dys.entries()) {
      const value = values[index];
      if (dy && value) this.gradients.add(value, () => dy);
    }
    this.backward(nodes);
  }

  /** Hands gradients on from the outputs of a node to those of its inputs that lead to a wanted value. */
  #byRule(node: GraphNode, dys: readonly (Value | undefined)[]): void {
    const row = operatorOf(node);
    if (row.gradient === "missing" || !row.gradient) {
      throw missing(node, "the operator has no gradient rule, and the loss depends on it");
    }
    if (row.gradient === "stops") throw internalError(`${node.op} "${node.name}" stops gradients but was given one`);
    const named: Readonly<Record<string, InputGradient | undefined>> = row.gradient(
      namedInputs(row, node.inputs),
      this.#context(node, dys),
    );
    const { inputs } = parsedSignature(row.signature);
    for (const [index, value] of node.inputs.entries()) {
      const place = Math.min(index, inputs.length - 1);
      const rule = named[inputs[place]?.name ?? ""];
      if (value && rule && this.#active.has(value.name)) this.gradients.add(value, () => rule(index - place));
    }
  }

  #context(node: GraphNode, dys: readonly (Value | undefined)[]): Differentiation {
    const [y] = node.outputs;
    if (!y) throw internalError(`${node.op} "${node.name}" has no output`);
    const g = this.#g;
    let [dy] = dys;
    return {
      ...contextOf(g, node),
      y,
      outputs: node.outputs,
      dys,
      get dy() {
        dy ??= zerosLike(g, y);
        return dy;
      },
      wants: ({ name }) => this.#active.has(name),
      addToCaptured: (value, gradient) => this.gradients.add(value, () => gradient),
      differentiate: differentiateFrom,
    };
  }
}

function missing(node: GraphNode, message: string) {
  return nodeError({ code: "GRAPH_GRADIENT_MISSING", node, message });
}

function requireScalar(g: GraphBuilder, loss: Value): void {
  if (loss.dtype === "float32" && loss.shape.length === 0) return;
  const node = g.producer(loss) ?? { op: "graph input", name: loss.name };
  const message = `the loss "${loss.name}" is ${loss.dtype} [${loss.shape.join(",")}]; expected a float32 scalar []`;
  throw nodeError({ code: "GRAPH_NODE_INVALID", node, message });
}
