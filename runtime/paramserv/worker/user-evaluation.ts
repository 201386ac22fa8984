import { viewsByName } from "../../program/layout.js";
import type { VariableBuffer } from "../../program/types.js";
import type { GivenAs } from "../bind-data.js";
import type { Hyperparams } from "../types.js";
import type { UserFunction } from "../user-function.js";
import { readValidation } from "../user-results.js";
import type { BatchReader } from "./batch-reader.js";
import type { Evaluation } from "./evaluation.js";
import { asGiven, weighted } from "./user-gradients.js";

interface UserEvaluating {
  readonly val: UserFunction;
  readonly layout: VariableBuffer;
  readonly hyperparams: Hyperparams;
  readonly givenAs: GivenAs;
  readonly batches: BatchReader;
  readonly rows: number;
  /** Fills an array with the captured weights. */
  readWeights(into: Float32Array): void;
}

/**
 * Validates by a user function, which gets all validation rows at once, as the ancestor's does: so what it returns need
 * not be a mean. The first of the parts does it; the others have nothing to do.
 */
export function userEvaluation(options: UserEvaluating): Evaluation {
  const { val, layout, hyperparams, givenAs, batches, rows, readWeights } = options;
  const weights = new Float32Array(layout.size);
  return {
    async evaluate(epoch, { part }) {
      if (part > 0) return { rows: 0, scalars: {} };
      readWeights(weights);
      const all = await batches.read(Int32Array.from({ length: rows }, (_, index) => index));
      const where = `the validation of epoch ${epoch}`;
      const given = {
        model: viewsByName(layout, weights),
        hyperparams,
        features: asGiven(all.features, givenAs.features),
        labels: asGiven(all.labels, givenAs.labels),
      };
      const means = readValidation(val, where, await val.call(given, where));
      return { rows, scalars: weighted(means, rows) };
    },
    close: () => batches.close(),
  };
}
