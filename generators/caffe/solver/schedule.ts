import {
  exp,
  fixed,
  inv,
  multistep,
  poly,
  type Schedule,
  sigmoid,
  step,
} from "../../../runtime/optimizers/schedules.js";
import type { Field } from "../../source/fields/field.js";
import { count, integer, listOf, number } from "../../source/fields/kinds.js";
import { variant, variants } from "../../source/fields/words.js";
import { otherwise } from "../../source/fields/wrappers.js";

/** Makes a schedule of what policies share: the base rate and the iterations of the run. */
export interface MakeSchedule {
  (base: number, iterations: number): Schedule;
  /** Whether the policy ends at the last iteration, so that the file has to say it. */
  readonly needsIterations?: true;
}

/** A field without which Caffe goes on with a value of its own, which is told. */
function assumed<T>(field: Field<T>, what: string): Field<T> {
  return {
    ...field,
    read: (reading) => {
      const { source, name, report } = reading;
      if (!source.given.includes(name)) {
        report.note(`it has no ${name} for lr_policy "${source.one("lr_policy")}": ${what}`, source.at("lr_policy"));
      }
      return field.read(reading);
    },
  };
}

const rate = assumed(otherwise(number(), 0), "Caffe's default is 0");
const stepsize = count(1);

/** Caffe's policies with the fields that they use (BVLC/caffe src/caffe/solvers/sgd_solver.cpp, GetLearningRate). */
export const policy: Field<MakeSchedule> = variants<MakeSchedule>({
  by: "lr_policy",
  variants: {
    fixed: variant({}, () => (base) => fixed({ base })),
    step: variant(
      { gamma: rate, stepsize },
      ({ gamma, stepsize: stepSize }) =>
        (base) =>
          step({ base, gamma, stepSize }),
    ),
    exp: variant(
      { gamma: rate },
      ({ gamma }) =>
        (base) =>
          exp({ base, gamma }),
    ),
    inv: variant(
      { gamma: rate, power: rate },
      ({ gamma, power }) =>
        (base) =>
          inv({ base, gamma, power }),
    ),
    multistep: variant(
      { gamma: rate, stepvalue: assumed(listOf(integer()), "the rate stays as it is") },
      ({ gamma, stepvalue }) =>
        (base) =>
          multistep({ base, gamma, steps: stepvalue }),
    ),
    poly: variant({ power: rate }, ({ power }) =>
      Object.assign((base: number, iterations: number) => poly({ base, power, maxIterations: iterations }), {
        needsIterations: true as const,
      }),
    ),
    sigmoid: variant(
      { gamma: rate, stepsize: assumed(otherwise(integer(), 0), "Caffe's default is 0") },
      ({ gamma, stepsize: stepSize }) =>
        (base) =>
          sigmoid({ base, gamma, stepSize }),
    ),
  },
});
