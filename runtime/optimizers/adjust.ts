import { CompileError } from "../errors.js";
import { optimizerOptions } from "./define.js";
import { optimizers } from "./table.js";
import type { OptimizerConfig } from "./types.js";

/** What may be asked for in place of what an optimizer has. */
export interface OptimizerChanges {
  /** A row of the optimizer table; another one than the optimizer's begins with its own rate and options. */
  readonly optimizer?: string | undefined;
  /** A fixed rate, in place of a schedule too. */
  readonly learningRate?: number | undefined;
  readonly momentum?: number | undefined;
  readonly weightDecay?: number | undefined;
}

/**
 * The optimizer with some of its values replaced, or another one; what is undefined stays. Values are checked where it is
 * used, and here that the optimizer has such options.
 *
 * @throws CompileError OPTIMIZER_OPTION_INVALID for an option that the optimizer does not have
 * @example adjustOptimizer(sgd({ learningRate: 0.01, momentum: 0.9 }), { learningRate: 0.1 })
 */
export function adjustOptimizer(optimizer: OptimizerConfig, changes: OptimizerChanges): OptimizerConfig {
  const { learningRate, momentum, weightDecay } = changes;
  const base = ofType(optimizer, changes.optimizer);
  const given = {
    ...(momentum === undefined ? {} : { momentum }),
    ...(weightDecay === undefined ? {} : { weightDecay }),
  };
  const row = Object.hasOwn(optimizers, base.type) ? optimizers[base.type] : undefined;
  const known = row === undefined ? Object.keys(given) : optimizerOptions(row);
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const having = Object.entries(optimizers).filter(([, other]) =>
      unknown.every((name) => optimizerOptions(other).includes(name)),
    );
    const message = `optimizer ${base.type}: ${unknown.join(" and ")} is given, which it does not have; expected one of ${known.join(", ")}`;
    const hint = `optimizers with ${unknown.join(" and ")}: ${having.map(([name]) => name).join(", ")}`;
    throw new CompileError({ code: "OPTIMIZER_OPTION_INVALID", message, hint });
  }
  return { ...base, learningRate: learningRate ?? base.learningRate, options: { ...base.options, ...given } };
}

/** The optimizer, or the defaults of another one; its rate stays where the other has none of its own. */
function ofType(optimizer: OptimizerConfig, type: string | undefined): OptimizerConfig {
  const row = type !== undefined && Object.hasOwn(optimizers, type) ? optimizers[type] : undefined;
  if (type === undefined || type === optimizer.type) return optimizer;
  // Where it is used the type is told to be unknown.
  if (row === undefined) return { ...optimizer, type };
  const { learningRate = optimizer.learningRate, defaults } = row;
  return { kind: "optimizer", type, learningRate, options: defaults };
}
