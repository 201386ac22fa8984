export { adjustOptimizer, type OptimizerChanges } from "./adjust.js";
// The layers have a sigmoid of their own.
export {
  exp,
  fixed,
  inv,
  multistep,
  poly,
  rateAt,
  type Schedule,
  sigmoid as sigmoidDecay,
  step,
} from "./schedules.js";
export { type SgdOptions, sgd } from "./sgd.js";
export { makeOptimizer, optimizers } from "./table.js";
export type { Optimizer, OptimizerConfig, UpdateRange } from "./types.js";
