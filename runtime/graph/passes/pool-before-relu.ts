import type { Rule } from "./rewrite.js";
import { Users } from "./users.js";

/**
 * MaxPool(Relu(x)) → Relu(MaxPool(x)), where only the pool uses the rectified values: rectifying, and in the backward pass
 * masking, then work on a quarter of the values (2×2). The numbers are the same: both take a maximum, and the winner
 * differs only where the pooled value is 0 and no gradient flows. It pays before differentiation only, which makes more
 * uses of the rectified values.
 */
export const poolBeforeRelu: Rule = (graph) => {
  const users = new Users(graph);
  return (node, r) => {
    const [rectified] = node.inputs;
    if (node.op !== "MaxPool" || node.outputs.length !== 1 || !rectified) return undefined;
    const relu = r.producer(rectified);
    const [x] = relu?.inputs ?? [];
    if (relu?.op !== "Relu" || !x || !users.onlyUser(rectified, "MaxPool")) return undefined;
    const pooled = r.node({ ...node, inputs: [x], outputs: 1 });
    return r.within(relu.scope, relu.at, () => r.node({ ...relu, inputs: pooled, outputs: 1 }));
  };
};
