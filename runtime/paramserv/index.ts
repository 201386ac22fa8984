export { gradientsOf } from "./gradients-of.js";
export { paramserv } from "./paramserv.js";
export type {
  AggregationFunction,
  BuiltinGradients,
  EpochEvent,
  EpochRecord,
  FunctionReference,
  GradientFunction,
  GradientResult,
  Hyperparams,
  Means,
  ParameterList,
  ParamservOptions,
  ParamservResult,
  ProgressEvent,
  ProgressRecord,
  StartEvent,
  Statistics,
  TrainingEvent,
  TrainingMeans,
} from "./types.js";
