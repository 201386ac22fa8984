export { gradientsOf } from "./gradients-of.js";
export { paramserv } from "./paramserv.js";
export type {
  AggregationFunction,
  BuiltinGradients,
  EpochRecord,
  FunctionReference,
  GradientFunction,
  GradientResult,
  Hyperparams,
  ParameterList,
  ParamservOptions,
  ParamservResult,
  ProgressRecord,
  Statistics,
  TrainingEvent,
} from "./types.js";
