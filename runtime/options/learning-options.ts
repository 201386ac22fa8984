import { optimizers } from "../optimizers/table.js";
import type { RunOptionTable } from "./run-row.js";

const group = "Learning rule (each replaces what the model's files say)";
const places = ["train", "package", "solver"] as const;

/** The learning rule, for a model whose files say none, or in place of what they say. */
export const learningRows = {
  optimizer: {
    kind: "choice",
    choices: Object.keys(optimizers),
    describe: "how weights follow gradients; another one than the model's begins with its own defaults",
    default: "the model's, else sgd",
    group,
    in: places,
  },
  "learning-rate": {
    kind: "number",
    above: 0,
    fallback: 0.01,
    describe: "fixed learning rate",
    default: "the model's, else 0.01; that of --optimizer where it is given",
    group,
    in: places,
  },
  momentum: {
    kind: "number",
    min: 0,
    below: 1,
    fallback: 0.9,
    describe: "momentum of sgd or rmsprop",
    default: "the model's, else 0.9; 0 with --optimizer",
    group,
    in: places,
  },
  "weight-decay": {
    kind: "number",
    min: 0,
    fallback: 0.0005,
    describe: "weight decay, in the way of the optimizer",
    default: "the model's, else 0.0005; that of --optimizer where it is given",
    group,
    in: places,
  },
} as const satisfies RunOptionTable;
