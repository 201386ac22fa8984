import { CompileError, type Problem } from "../errors.js";
import { checkNumber, type NumberRule, unknownKeys } from "./checks.js";

/** A learning-rate policy as plain data; `policy` is a key of the schedule table. */
export interface Schedule {
  readonly kind: "schedule";
  readonly policy: string;
  readonly options: Readonly<Record<string, number | readonly number[]>>;
}

type ScheduleOptions = Schedule["options"];

interface SchedulePolicy {
  readonly options: Readonly<Record<string, NumberRule>>;
  /** The rate of the update that `iteration` updates precede. */
  rate(options: ScheduleOptions, iteration: number): number;
}

const base: NumberRule = { min: 0 };
const gamma: NumberRule = { min: 0 };
const power: NumberRule = {};
const stepSize: NumberRule = { min: 1, integer: true };

/** Formulas: BVLC/caffe src/caffe/solvers/sgd_solver.cpp, GetLearningRate; names: caffe.proto, SolverParameter. */
const policies = {
  fixed: { options: { base }, rate: (o) => scalar(o, "base") },
  step: {
    options: { base, gamma, stepSize },
    rate: (o, k) => scalar(o, "base") * scalar(o, "gamma") ** Math.floor(k / scalar(o, "stepSize")),
  },
  exp: { options: { base, gamma }, rate: (o, k) => scalar(o, "base") * scalar(o, "gamma") ** k },
  inv: {
    options: { base, gamma, power },
    rate: (o, k) => scalar(o, "base") * (1 + scalar(o, "gamma") * k) ** -scalar(o, "power"),
  },
  multistep: {
    options: { base, gamma, steps: { min: 0, integer: true, list: true } },
    rate: (o, k) => scalar(o, "base") * scalar(o, "gamma") ** list(o, "steps").filter((at) => k >= at).length,
  },
  // Beyond the last iteration the rate stays 0; Caffe stops there.
  poly: {
    options: { base, power, maxIterations: { min: 1, integer: true } },
    rate: (o, k) => scalar(o, "base") * Math.max(0, 1 - k / scalar(o, "maxIterations")) ** scalar(o, "power"),
  },
  sigmoid: {
    options: { base, gamma: {}, stepSize: { min: 0, integer: true } },
    rate: (o, k) => scalar(o, "base") / (1 + Math.exp(-scalar(o, "gamma") * (k - scalar(o, "stepSize")))),
  },
} as const satisfies Record<string, SchedulePolicy>;

export type PolicyName = keyof typeof policies;

/** The schedule table. */
export const schedules: Readonly<Record<PolicyName, SchedulePolicy>> = policies;

/** base, at every iteration k. */
export function fixed(options: { readonly base: number }): Schedule {
  return schedule("fixed", options);
}

/** base · gamma^⌊k / stepSize⌋ */
export function step(options: {
  readonly base: number;
  readonly gamma: number;
  /** Iterations between two changes; Caffe's `stepsize`. */
  readonly stepSize: number;
}): Schedule {
  return schedule("step", options);
}

/** base · gamma^k */
export function exp(options: { readonly base: number; readonly gamma: number }): Schedule {
  return schedule("exp", options);
}

/** base · (1 + gamma · k)^−power. Example: `inv({ base: 0.01, gamma: 1e-4, power: 0.75 })`, Caffe's LeNet. */
export function inv(options: { readonly base: number; readonly gamma: number; readonly power: number }): Schedule {
  return schedule("inv", options);
}

/** base · gamma^n, where n of `steps` are at or before k. */
export function multistep(options: {
  readonly base: number;
  readonly gamma: number;
  /** Iterations at which the rate changes, rising; Caffe's `stepvalue`. */
  readonly steps: readonly number[];
}): Schedule {
  return schedule("multistep", options);
}

/** base · (1 − k / maxIterations)^power, and 0 from maxIterations on. */
export function poly(options: {
  readonly base: number;
  readonly power: number;
  /** Caffe's `max_iter`. */
  readonly maxIterations: number;
}): Schedule {
  return schedule("poly", options);
}

/** base / (1 + e^(−gamma · (k − stepSize))) */
export function sigmoid(options: {
  readonly base: number;
  readonly gamma: number;
  /** The iteration of half the rate; Caffe's `stepsize`. */
  readonly stepSize: number;
}): Schedule {
  return schedule("sigmoid", options);
}

/** The learning rate of the update that `iteration` updates precede. */
export function rateAt(learningRate: number | Schedule, iteration: number): number {
  if (typeof learningRate === "number") return learningRate;
  const policy = policyNamed(learningRate.policy);
  if (policy === undefined) throw new CompileError(scheduleProblems(learningRate));
  return policy.rate(learningRate.options, iteration);
}

/** Everything wrong with a schedule; empty when it is usable. */
export function scheduleProblems(value: Schedule): readonly Problem[] {
  const policy = policyNamed(value.policy);
  if (policy === undefined) {
    const message = `schedule policy ${JSON.stringify(value.policy)} is not in the schedule table`;
    return [{ code: "SCHEDULE_POLICY_UNKNOWN", message, hint: `policies: ${Object.keys(policies).join(", ")}` }];
  }
  const what = `schedule ${value.policy}`;
  const problems = Object.entries(policy.options).map(([name, rule]) =>
    checkNumber({ what, name, value: value.options[name], rule }),
  );
  const messages = [...problems, ...unknownKeys(what, value.options, Object.keys(policy.options)), rising(value)];
  return messages
    .filter((message) => message !== undefined)
    .map((message) => ({ code: "SCHEDULE_OPTION_INVALID", message }));
}

function schedule(policy: PolicyName, options: ScheduleOptions): Schedule {
  const value: Schedule = { kind: "schedule", policy, options: Object.freeze({ ...options }) };
  const problems = scheduleProblems(value);
  if (problems.length > 0) throw new CompileError(problems);
  return Object.freeze(value);
}

function policyNamed(name: string): SchedulePolicy | undefined {
  return Object.hasOwn(schedules, name) ? schedules[name as PolicyName] : undefined;
}

function rising(value: Schedule): string | undefined {
  const steps = value.options.steps;
  if (value.policy !== "multistep" || !Array.isArray(steps)) return undefined;
  const falls = steps.findIndex((at, index) => index > 0 && at <= steps[index - 1]);
  if (falls < 0) return undefined;
  return `schedule multistep: steps must rise, but ${steps[falls]} follows ${steps[falls - 1]}`;
}

function scalar(options: ScheduleOptions, name: string): number {
  return options[name] as number;
}

function list(options: ScheduleOptions, name: string): readonly number[] {
  return options[name] as readonly number[];
}

/** Whether a learning rate is meant to be a schedule. */
export function isSchedule(value: unknown): value is Schedule {
  return typeof value === "object" && value !== null;
}
