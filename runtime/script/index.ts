export { dataShapes } from "./data-shapes.js";
export { type EpochsFromIterations, resolveEpochs } from "./epochs.js";
export { type DescribedError, describeError } from "./errors.js";
export { type DataFlags, type LoadOptions, loadData, type TrainingData } from "./load-data.js";
export type { FlagDefaults, ServerFlags, TrainingFlags } from "./script-options.js";
export type { TrainingOutcome, TrainingTools } from "./training-run.js";
export { type TrainingContext, type TrainingScript, trainingScript } from "./training-script.js";
