import type { GraphNode } from "../types.js";
import type { Rule } from "./rewrite.js";
import { Users } from "./users.js";

/**
 * MaxPool(Relu(x)) → Relu(MaxPool(x)), where only the pool uses the rectified values: rectifying, and in the backward pass
 * masking, then work on a quarter of the values (2×2). The numbers are the same: both take a maximum, and the winner
 * differs only where the pooled value is 0 and no gradient flows. Windows that may lie in pads alone, whose maximum is the
 * lowest float, stay as they are. It pays before differentiation only, which makes more uses of the rectified values.
 */
export const poolBeforeRelu: Rule = (graph) => {
  const users = new Users(graph);
  return (node, r) => {
    const [rectified] = node.inputs;
    if (node.op !== "MaxPool" || node.outputs.length !== 1 || !rectified) return undefined;
    const relu = r.producer(rectified);
    const [x] = relu?.inputs ?? [];
    if (relu?.op !== "Relu" || !x || !users.onlyUser(rectified, "MaxPool")) return undefined;
    if (mayMeetNothing(node)) return undefined;
    const pooled = r.node({ ...node, inputs: [x], outputs: 1 });
    return r.within(relu.scope, relu.at, () => r.node({ ...relu, inputs: pooled, outputs: 1 }));
  };
};

/** Dilated windows step over the data where there are pads; without dilation pads are smaller than the kernel. */
function mayMeetNothing({ attributes: { dilations, pads, auto_pad } }: GraphNode): boolean {
  const holds = (list: unknown, most: number) =>
    Array.isArray(list) && list.some((item: unknown) => typeof item === "number" && item > most);
  const padded = holds(pads, 0) || (auto_pad !== undefined && auto_pad !== "NOTSET" && auto_pad !== "VALID");
  return padded && holds(dilations, 1);
}
