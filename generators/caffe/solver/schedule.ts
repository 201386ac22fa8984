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
import { nearestName } from "../../source/nearest.js";
import type { Message } from "../../source/prototxt/message.js";
import type { SolverReport } from "./report.js";

interface Policy {
  /** The fields it uses beside base_lr; one that is not given has Caffe's default 0. */
  readonly fields: readonly string[];
  make(solver: Message, base: number): Schedule;
}

const value = (solver: Message, field: string): number => solver.number(field);

/** Caffe's policies (BVLC/caffe src/caffe/solvers/sgd_solver.cpp, GetLearningRate). */
const policies: Readonly<Record<string, Policy>> = {
  fixed: { fields: [], make: (_, base) => fixed({ base }) },
  step: {
    fields: ["gamma", "stepsize"],
    make: (solver, base) => step({ base, gamma: value(solver, "gamma"), stepSize: value(solver, "stepsize") }),
  },
  exp: { fields: ["gamma"], make: (solver, base) => exp({ base, gamma: value(solver, "gamma") }) },
  inv: {
    fields: ["gamma", "power"],
    make: (solver, base) => inv({ base, gamma: value(solver, "gamma"), power: value(solver, "power") }),
  },
  multistep: {
    fields: ["gamma", "stepvalue"],
    make: (solver, base) => multistep({ base, gamma: value(solver, "gamma"), steps: solver.numbers("stepvalue") }),
  },
  poly: {
    fields: ["power", "max_iter"],
    make: (solver, base) => poly({ base, power: value(solver, "power"), maxIterations: value(solver, "max_iter") }),
  },
  sigmoid: {
    fields: ["gamma", "stepsize"],
    make: (solver, base) => sigmoid({ base, gamma: value(solver, "gamma"), stepSize: value(solver, "stepsize") }),
  },
};

/** Fields that some policy uses. */
const policyFields = ["gamma", "power", "stepsize", "stepvalue"];

/** Where 0 is not a rate but a mistake: Caffe stops, or the policy has no meaning. */
const atLeastOne = ["stepsize", "max_iter"];

/** The learning-rate schedule; undefined after reporting why there is none. */
export function readSchedule(solver: Message, report: SolverReport): Schedule | undefined {
  if (!solver.has("base_lr")) report.problem("CAFFE_FIELD_MISSING", "it has no base_lr", { at: solver.at() });
  const name = solver.text("lr_policy");
  const policy = Object.hasOwn(policies, name) ? policies[name] : undefined;
  if (policy === undefined) {
    reportPolicy(solver, name, report);
    return undefined;
  }
  for (const field of policy.fields) checkField(solver, { field, policy: name, report });
  const unused = policyFields.filter((field) => !policy.fields.includes(field));
  report.ignore(solver, unused, `lr_policy "${name}" does not use it`);
  if (report.failed) return undefined;
  return report.adopting(solver.at("lr_policy"), () => policy.make(solver, value(solver, "base_lr")));
}

function reportPolicy(solver: Message, name: string, report: SolverReport): void {
  const names = Object.keys(policies);
  const expected = `expected one of ${names.join(", ")}`;
  if (name === "") {
    report.problem("CAFFE_FIELD_MISSING", `it has no lr_policy, ${expected}`, { at: solver.at("lr_policy") });
    return;
  }
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? {} : { hint: `the nearest policy is "${nearest}"` };
  report.problem("CAFFE_FIELD_INVALID", `its lr_policy is "${name}", ${expected}`, {
    at: solver.at("lr_policy"),
    ...hint,
  });
}

function checkField(
  solver: Message,
  { field, policy, report }: { field: string; policy: string; report: SolverReport },
): void {
  if (atLeastOne.includes(field) && policy !== "sigmoid" && value(solver, field) < 1) {
    const found = solver.has(field) ? `its ${field} is ${value(solver, field)}` : `it has no ${field}`;
    report.problem("CAFFE_FIELD_INVALID", `${found}, expected at least 1 for lr_policy "${policy}"`, {
      at: solver.at(field),
    });
  } else if (!solver.has(field)) {
    const without = field === "stepvalue" ? "the rate stays as it is" : `Caffe's default is 0`;
    report.note(`it has no ${field} for lr_policy "${policy}": ${without}`, {
      at: solver.at("lr_policy"),
    });
  }
}
