import { sgd } from "../optimizers/index.js";

/**
 * How a network is trained where neither the user nor a solver file says: the same for the command line and for generated
 * packages. `paramserv()` itself has the defaults of Apache SystemDS' builtin, which are made for other networks.
 */
export const trainingDefaults = {
  utype: "BSP",
  freq: "BATCH",
  scheme: "DISJOINT_RANDOM",
  aggregation: "mean",
  reshuffle: true,
  seed: 0,
  epochs: 10,
  /** Rows in an update, of all workers together. */
  batchsize: 64,
  /** Share of the rows kept to validate with. */
  validation: 0.2,
  learningRate: 0.01,
  momentum: 0.9,
  weightDecay: 0.0005,
} as const;

/** The learning rule of {@link trainingDefaults}: common values for small networks. */
export const defaultOptimizer = sgd({
  learningRate: trainingDefaults.learningRate,
  momentum: trainingDefaults.momentum,
  weightDecay: trainingDefaults.weightDecay,
});
