import { CompileError, type Problem } from "../errors.js";
import type { Kernels } from "../kernels/kernels.js";
import { adadeltaType } from "./adadelta.js";
import { adafactorType } from "./adafactor.js";
import { adagradType } from "./adagrad.js";
import { adamType, adamWType } from "./adam.js";
import { adamaxType } from "./adamax.js";
import { compose } from "./compose.js";
import { type OptimizerType, problemsOf } from "./define.js";
import { ftrlType } from "./ftrl.js";
import { lambType } from "./lamb.js";
import { lionType } from "./lion.js";
import { nadamType } from "./nadam.js";
import { rmspropType } from "./rmsprop.js";
import { sgdType } from "./sgd.js";
import type { Optimizer, OptimizerConfig } from "./types.js";

const rows = {
  sgd: sgdType,
  adam: adamType,
  adamW: adamWType,
  adamax: adamaxType,
  nadam: nadamType,
  adagrad: adagradType,
  adadelta: adadeltaType,
  rmsprop: rmspropType,
  ftrl: ftrlType,
  lion: lionType,
  lamb: lambType,
  adafactor: adafactorType,
} as const satisfies Readonly<Record<string, OptimizerType>>;

/** The optimizer table: one row a type. */
export const optimizers: Readonly<Record<string, OptimizerType>> = rows;

/** Everything wrong with a configuration, also one that was not made by its function; empty when it is usable. */
export function optimizerProblems(config: OptimizerConfig): readonly Problem[] {
  const row = Object.hasOwn(optimizers, config.type) ? optimizers[config.type] : undefined;
  if (row !== undefined) return problemsOf(config.type, row, config);
  const message = `optimizer type ${JSON.stringify(config.type)} is not in the optimizer table`;
  return [{ code: "OPTIMIZER_TYPE_UNKNOWN", message, hint: `types: ${Object.keys(optimizers).join(", ")}` }];
}

/** An optimizer at work: `kernels` are the reference ones, or those of the memory that its arrays lie in. */
export function makeOptimizer(config: OptimizerConfig, kernels: Kernels): Optimizer {
  const problems = optimizerProblems(config);
  const row = optimizers[config.type];
  if (problems.length > 0 || row === undefined) throw new CompileError(problems);
  return compose(row, config, kernels);
}
