import { CompileError, type Problem } from "../errors.js";
import type { Kernels } from "../kernels/kernels.js";
import { makeSgd, sgdDefaults, sgdProblems } from "./sgd.js";
import type { Optimizer, OptimizerConfig } from "./types.js";

interface OptimizerType {
  /** What its function fills in. */
  readonly defaults: OptimizerConfig["options"];
  problems(config: OptimizerConfig): readonly Problem[];
  make(config: OptimizerConfig, kernels: Kernels): Optimizer;
}

/** The optimizer table: one row a type. */
export const optimizers: Readonly<Record<string, OptimizerType>> = {
  sgd: { defaults: sgdDefaults, problems: sgdProblems, make: makeSgd },
};

/** Everything wrong with a configuration, also one that was not made by its function; empty when it is usable. */
export function optimizerProblems(config: OptimizerConfig): readonly Problem[] {
  const row = Object.hasOwn(optimizers, config.type) ? optimizers[config.type] : undefined;
  if (row !== undefined) return row.problems(config);
  const message = `optimizer type ${JSON.stringify(config.type)} is not in the optimizer table`;
  return [{ code: "OPTIMIZER_TYPE_UNKNOWN", message, hint: `types: ${Object.keys(optimizers).join(", ")}` }];
}

/** An optimizer at work: `kernels` are the reference ones, or those of the memory that its arrays lie in. */
export function makeOptimizer(config: OptimizerConfig, kernels: Kernels): Optimizer {
  const problems = optimizerProblems(config);
  const row = optimizers[config.type];
  if (problems.length > 0 || row === undefined) throw new CompileError(problems);
  return row.make(config, kernels);
}
