import { broadcastInputs } from "./binary.js";
import { inputAt, type Operator } from "./operator.js";

const comparison: Operator = {
  inputs: [2, 2],
  attributes: {},
  infer: (n) => [{ dtype: "bool", shape: broadcastInputs(n).shape }],
  gradient: "stops",
};

/** A comparison of numbers. */
export const ordered: Operator = {
  ...comparison,
  infer: (n) => {
    const { dtype, shape } = broadcastInputs(n);
    return dtype === "bool" ? n.fail("its inputs are bool; expected numbers") : [{ dtype: "bool", shape }];
  },
};

/** y = (a = b), of any type */
export const equal: Operator = comparison;

/** y = a ∧ b */
export const and: Operator = {
  ...comparison,
  infer: (n) => {
    const { dtype, shape } = broadcastInputs(n);
    return dtype === "bool" ? [{ dtype, shape }] : n.fail(`its inputs are ${dtype}; expected bool`);
  },
};

/** y = ¬x */
export const not: Operator = {
  inputs: [1, 1],
  attributes: {},
  infer: (n) => {
    const { dtype, shape, name } = inputAt(n, 0);
    return dtype === "bool" ? [{ dtype, shape }] : n.fail(`"${name}" is ${dtype}; expected bool`);
  },
  gradient: "stops",
};
