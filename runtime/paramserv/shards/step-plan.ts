import { reference } from "../../kernels/reference.js";
import { type UpdatePlan, updatePlan } from "../../optimizers/plan.js";
import { makeOptimizer } from "../../optimizers/table.js";
import type { VariableBuffer } from "../../program/types.js";
import type { CheckedOptions } from "../options.js";

/** How the optimizer's updates are divided, the same on all threads; undefined where a user function makes them. */
export function stepPlan({
  options: { agg },
  layout,
}: {
  readonly options: Pick<CheckedOptions, "agg">;
  readonly layout: VariableBuffer;
}): UpdatePlan | undefined {
  return "module" in agg ? undefined : updatePlan(layout.variables, makeOptimizer(agg, reference));
}
