import { axisOf, fixed, type Operator, type Signature } from "./operator.js";

const signature = {
  inputs: ["x: number", "axis: index"],
  attributes: {
    exclusive: { kind: "int", default: 0, choices: [0, 1] },
    reverse: { kind: "int", default: 0, choices: [0, 1] },
  },
} as const satisfies Signature;

export const cumSum: Operator<typeof signature> = {
  signature,
  doc: "y = the sums up to each element along an axis, without it if exclusive, from the end if reverse (onnx.ai, CumSum)",
  infer: ({ x, axis }, n) => {
    const known = n.contents(axis);
    if (x.shape.length === 0) n.fail(`"${x.name}" has rank 0; expected 1 or more`);
    if (known) axisOf(n, fixed(n, known[0], "the axis"), x.shape.length);
    return x;
  },
  gradient: ({ axis }, { g, dy, attributes: { exclusive, reverse } }) => ({
    x: () => g.op("CumSum", [dy, axis], { exclusive, reverse: reverse === 1 ? 0 : 1 }),
  }),
};
