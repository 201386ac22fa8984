export { type AdadeltaOptions, adadelta } from "./adadelta.js";
export { type AdafactorOptions, adafactor } from "./adafactor.js";
export { type AdagradOptions, adagrad } from "./adagrad.js";
export { type AdamOptions, adam, adamW } from "./adam.js";
export { type AdamaxOptions, adamax } from "./adamax.js";
export { adjustOptimizer, type OptimizerChanges } from "./adjust.js";
export type { CommonOptions } from "./common-options.js";
export { type FtrlOptions, ftrl } from "./ftrl.js";
export { type LambOptions, lamb } from "./lamb.js";
export { type LionOptions, lion } from "./lion.js";
export { type NadamOptions, nadam } from "./nadam.js";
export { type RmspropOptions, rmsprop } from "./rmsprop.js";
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
export type { Ema, Optimizer, OptimizerConfig, ParameterGroup, UpdateRange } from "./types.js";
