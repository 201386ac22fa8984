import type { Columns, NDArray } from "../../data/types.js";
import type { StepResult } from "../../engines/engine.js";
import { viewsByName } from "../../program/layout.js";
import type { VariableBuffer } from "../../program/types.js";
import type { GivenAs } from "../bind-data.js";
import { userLosses } from "../scalars.js";
import type { Hyperparams } from "../types.js";
import type { UserFunction } from "../user-function.js";
import { readGradients } from "../user-results.js";
import type { GradientSource } from "./gradient-source.js";

interface UserGradients {
  readonly upd: UserFunction;
  readonly layout: VariableBuffer;
  readonly hyperparams: Hyperparams;
  readonly givenAs: GivenAs;
  /** Which worker this is, in messages. */
  readonly worker: string;
  /** Whether the run goes on where gradients are not finite. */
  readonly mayOverflow: boolean;
}

/** The gradients of a user function. What it is given is the worker's own copy, overwritten by the next batch. */
export function userGradients({
  upd,
  layout,
  hyperparams,
  givenAs,
  worker,
  mayOverflow,
}: UserGradients): GradientSource {
  const weights = new Float32Array(layout.size);
  const pushed = new Float32Array(layout.pushed);
  const model = viewsByName(layout, weights);
  return {
    weights,
    pushed,
    losses: userLosses,
    async step(columns, { epoch, batch }) {
      const where = `${worker}, epoch ${epoch + 1}, batch ${batch + 1}`;
      const features = asGiven(columns.features, givenAs.features);
      const labels = asGiven(columns.labels, givenAs.labels);
      // State that the function says nothing of stays.
      pushed.set(weights.subarray(layout.trained, layout.pushed), layout.trained);
      const value = await upd.call({ model, hyperparams, features, labels }, where);
      const scalars = readGradients({ value, into: pushed, from: upd, where, layout, mayOverflow });
      return weighted(scalars, columns.rows.length);
    },
  };
}

/** Columns, or the one that the options have without a name. */
export function asGiven(columns: Columns, as: GivenAs["features"]): NDArray | Columns {
  const [only] = Object.values(columns);
  return as === "array" && only !== undefined ? only : columns;
}

/** Means over rows as sums and weights. */
export function weighted(means: Readonly<Record<string, number>>, rows: number): StepResult {
  const entries = Object.entries(means).map(([name, mean]) => [name, { sum: mean * rows, weight: rows }] as const);
  return Object.fromEntries(entries);
}
