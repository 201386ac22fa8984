export { dataShapes } from "./data-shapes.js";
export { type EpochsFromIterations, resolveEpochs } from "./epochs.js";
export { type DescribedError, describeError } from "./errors.js";
export type { FlagDefaults, TrainingFlags } from "./flag-table.js";
export type { TrainingOutcome, TrainingTools } from "./training-run.js";
export { type TrainingContext, type TrainingScript, trainingScript } from "./training-script.js";
