export { gradientsOf } from "./gradients-of.js";
export { paramserv } from "./paramserv.js";
export type { Statistics, WorkerStatistics } from "./statistics/types.js";
export type {
  AggregationFunction,
  BuiltinGradients,
  CurvePoint,
  EpochEvent,
  EpochRecord,
  FunctionReference,
  GradientFunction,
  GradientResult,
  Hyperparams,
  KeptWeights,
  Means,
  ParameterList,
  ParamservOptions,
  ParamservResult,
  ProgressEvent,
  ProgressRecord,
  ResolvedOptions,
  RunRecord,
  StartEvent,
  TrainingEvent,
  TrainingMeans,
} from "./types.js";
