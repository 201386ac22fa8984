/** The public API of paramserv: all that a generated package, or a script of your own, imports. */

export * from "./data/index.js";
export type { Batch, Engine, EngineOptions, Session, StepResult } from "./engines/engine.js";
export { engines, openEngine } from "./engines/index.js";
export {
  BaseError,
  CompileError,
  type ErrorCode,
  errorCodes,
  isBaseError,
  ModelFileError,
  type Problem,
  ProtocolError,
  RunError,
  type SourceRef,
  UsageError,
} from "./errors.js";
export * from "./layers/index.js";
export * from "./optimizers/index.js";
export { defineConfig, type TrainConfig } from "./options/config.js";
export * from "./paramserv/index.js";
export * from "./program/index.js";
export * from "./report/index.js";
export * from "./results/index.js";
export * from "./script/index.js";
export * from "./weights/index.js";
