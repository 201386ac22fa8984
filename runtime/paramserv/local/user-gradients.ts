import { type ModelLayout, viewsByName } from "../model-layout.js";
import type { Hyperparams } from "../types.js";
import type { UserFunction } from "../user-function.js";
import { readGradients } from "../user-results.js";
import type { GradientSource } from "./gradient-source.js";

interface UserGradients {
  readonly upd: UserFunction;
  readonly layout: ModelLayout;
  readonly hyperparams: Hyperparams;
  readonly rank: number;
}

/** The gradients of a user function. What it is given is the worker's own copy, overwritten by the next batch. */
export function userGradients({ upd, layout, hyperparams, rank }: UserGradients): GradientSource {
  const weights = new Float32Array(layout.size);
  const gradients = new Float32Array(layout.size);
  const model = viewsByName(layout, weights);
  return {
    weights,
    gradients,
    async step({ features, labels }, { epoch, batch }) {
      const where = `worker ${rank}, epoch ${epoch + 1}, batch ${batch + 1}`;
      const value = await upd.call({ model, hyperparams, features, labels }, where);
      return readGradients({ value, into: gradients, from: upd, where, layout });
    },
  };
}
