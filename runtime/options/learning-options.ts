import type { RunOptionTable } from "./run-row.js";

const group = "Learning rule (each replaces what the model's files say)";
const places = ["train", "package", "solver"] as const;

/** The learning rule, for a model whose files say none, or in place of what they say. */
export const learningRows = {
  "learning-rate": {
    kind: "number",
    above: 0,
    fallback: 0.01,
    describe: "fixed learning rate",
    default: "the model's, else 0.01",
    group,
    in: places,
  },
  momentum: {
    kind: "number",
    min: 0,
    below: 1,
    fallback: 0.9,
    describe: "momentum of SGD",
    default: "the model's, else 0.9",
    group,
    in: places,
  },
  "weight-decay": {
    kind: "number",
    min: 0,
    fallback: 0.0005,
    describe: "L2 weight decay",
    default: "the model's, else 0.0005",
    group,
    in: places,
  },
} as const satisfies RunOptionTable;
