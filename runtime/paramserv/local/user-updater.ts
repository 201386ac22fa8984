import type { Kernels } from "../../kernels/kernels.js";
import { viewsByName } from "../../program/layout.js";
import type { VariableBuffer } from "../../program/types.js";
import { trainedPart } from "../model-layout.js";
import type { Hyperparams } from "../types.js";
import type { UserFunction } from "../user-function.js";
import { readModel } from "../user-results.js";
import { joinGradients, joinState } from "./contributions.js";
import type { Updater, UpdaterArrays } from "./updater.js";

interface UserUpdate extends UpdaterArrays {
  readonly agg: UserFunction;
  readonly kernels: Kernels;
  readonly layout: VariableBuffer;
  readonly hyperparams: Hyperparams;
}

/** Updates by a user function. It is given copies; the shared weights change only after it has returned. */
export function userUpdater({ agg, kernels, layout, hyperparams, shared, rank }: UserUpdate): Updater {
  const { trained, pushed, size } = layout;
  const given = { weights: new Float32Array(size), gradients: new Float32Array(trained) };
  const model = viewsByName(layout, given.weights);
  const gradients = viewsByName(trainedPart(layout), given.gradients);
  const aggregate = async (weights: Float32Array, sum: Float32Array, where: string) => {
    given.weights.set(weights);
    given.gradients.set(sum);
    const value = await agg.call({ model, hyperparams, gradients }, where);
    readModel({ value, into: weights, from: agg, where, layout });
  };
  return {
    async apply({ contributions, version, snapshot }) {
      const joining = { kernels, contributions, workers: shared.workers };
      const sum = joinGradients(joining, { start: 0, end: trained });
      await aggregate(shared.weights, sum, `worker ${rank}, update ${version + 1}`);
      shared.weights.set(joinState(joining, { start: trained, end: pushed }), trained);
      if (snapshot) shared.snapshot?.set(shared.weights);
    },
    pull: (weights) => weights.set(shared.weights),
    stepLocally: ({ weights, gradients: step, where }) => aggregate(weights, step, where),
  };
}
