import { sameShape } from "../lengths.js";
import type { GraphBuilder, GraphNode, Value } from "../types.js";
import type { Rule } from "./rewrite.js";

/** Removes nodes that give back their input: x as its own type or shape, x + 0, x · 1, a sum or join of one. */
export const removeIdentities: Rule = () => (node, r) => {
  const [result] = node.outputs;
  const same = result && Object.hasOwn(rules, node.op) ? rules[node.op]?.(node, r) : undefined;
  if (!same || !result || same.dtype !== result.dtype || !sameShape(same.shape, result.shape)) return undefined;
  return [same];
};

/** By operator: the input that the result equals, if it does so; type and shape are compared above. */
const rules: Readonly<Record<string, (node: GraphNode, r: GraphBuilder) => Value | undefined>> = {
  Identity: ({ inputs }) => inputs[0],
  Cast: ({ inputs }) => inputs[0],
  Expand: ({ inputs }) => inputs[0],
  Flatten: ({ inputs }) => inputs[0],
  Reshape: ({ inputs }) => inputs[0],
  Squeeze: ({ inputs }) => inputs[0],
  Concat: ({ inputs }) => (inputs.length === 1 ? inputs[0] : undefined),
  Sum: ({ inputs }) => (inputs.length === 1 ? inputs[0] : undefined),
  Transpose: ({ inputs, attributes: { perm } }) =>
    Array.isArray(perm) && perm.every((axis, index) => axis === index) ? inputs[0] : undefined,
  Add: ({ inputs }, r) => neutral(inputs, r, { element: 0, sides: [0, 1] }),
  Sub: ({ inputs }, r) => neutral(inputs, r, { element: 0, sides: [1] }),
  Mul: ({ inputs }, r) => neutral(inputs, r, { element: 1, sides: [0, 1] }),
  Div: ({ inputs }, r) => neutral(inputs, r, { element: 1, sides: [1] }),
};

/** The other input, where the one on a side is a constant of nothing but the neutral element. */
function neutral(
  inputs: GraphNode["inputs"],
  r: GraphBuilder,
  { element, sides }: { readonly element: number; readonly sides: readonly number[] },
): Value | undefined {
  const side = sides.find((index) => {
    const data = r.constantOf(inputs[index])?.data;
    return data !== undefined && data.length > 0 && data[0] === element && data.every((item) => item === element);
  });
  return side === undefined ? undefined : inputs[1 - side];
}
