import { nestedCaptures } from "../captures.js";
import { inline } from "../inline-graph.js";
import { formatShape, sameShape } from "../lengths.js";
import type { Graph, GraphBuilder, Value } from "../types.js";
import type { Differentiation, Operator, Signature } from "./operator.js";
import { zerosLike } from "./zeros.js";

const signature = {
  inputs: ["cond: bool"],
  outputs: ["...ys"],
  attributes: {
    then_branch: { kind: "graph", required: true },
    else_branch: { kind: "graph", required: true },
  },
} as const satisfies Signature;

/** The branches take nothing; they use the values around them. Both give the same types and shapes. */
export const ifElse: Operator<typeof signature> = {
  signature,
  doc: "the outputs of `then_branch` where cond is true, else those of `else_branch` (onnx.ai, If)",
  infer: ({ cond }, n) => {
    const { then_branch: yes, else_branch: no } = n.attributes;
    if (cond.shape.length > 0 && !sameShape(cond.shape, [1])) {
      n.fail(`"${cond.name}" has shape ${formatShape(cond.shape)}; expected one element`);
    }
    for (const { name, inputs, outputs } of [yes, no]) {
      if (inputs.length > 0) n.fail(`its branch "${name}" has inputs; expected none`);
      if (outputs.length !== n.outputs) n.fail(`has ${n.outputs} outputs and its branch "${name}" ${outputs.length}`);
    }
    return yes.outputs.map(({ value }, index) => {
      const other = no.outputs[index]?.value;
      if (other && other.dtype === value.dtype && sameShape(other.shape, value.shape)) return value;
      return n.fail(
        `output ${index} is ${typeText(value)} in one branch and ${typeText(other)} in the other; expected one type`,
      );
    });
  },
  gradient: ({ cond }, d) => {
    addBranchGradients(cond, d);
    return {};
  },
};

function typeText(value: Value | undefined): string {
  return value ? `${value.dtype} ${formatShape(value.shape)}` : "absent";
}

/** Another If, whose branches compute theirs anew and differentiate it; what a branch does not use has zeros. */
function addBranchGradients(cond: Value, d: Differentiation<typeof signature>): void {
  const { g, node, attributes, wants } = d;
  const { then_branch: yes, else_branch: no } = attributes;
  const wanted = nestedCaptures(node).filter((value) => wants(value));
  const backward = (branch: Graph) =>
    g.subgraph(`${branch.name} gradient`, (inner) => differentiateBranch(inner, branch, wanted, d));
  const branches = { then_branch: backward(yes), else_branch: backward(no) };
  const made = g.ops("If", [cond], branches, wanted.length);
  for (const [index, value] of wanted.entries()) {
    const gradient = made[index];
    if (gradient) d.addToCaptured(value, gradient);
  }
}

function differentiateBranch(
  g: GraphBuilder,
  branch: Graph,
  wanted: readonly Value[],
  { dys, differentiate }: Differentiation<typeof signature>,
): void {
  const seeds = inline(g, branch, []).flatMap((value, index) => {
    const dy = dys[index];
    return dy ? [[value, dy] as const] : [];
  });
  const gradients = differentiate(g, seeds, wanted);
  wanted.forEach((value, index) => {
    g.output(`grad_${value.name}`, gradients[index] ?? zerosLike(g, value));
  });
}
