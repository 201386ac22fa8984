import { CompileError, type Problem } from "../errors.js";
import type { Kernels } from "../kernels/kernels.js";
import { checkOption, type OptionRule, show, unknownKeys } from "./checks.js";
import { type CommonOptions, clipRules, decayRules, emaRules } from "./common-options.js";
import { isSchedule, type Schedule, scheduleProblems } from "./schedules.js";
import type { OptimizerConfig, OptimizerOptionValue, ParameterGroup, UpdateRule } from "./types.js";

export type OptimizerOptions = OptimizerConfig["options"];

/** A row of the optimizer table. */
export interface OptimizerType {
  /** A phrase for help texts and documents: the source, and what is special. */
  readonly describe: string;
  /** What its function fills in. */
  readonly defaults: OptimizerOptions;
  /** The rate where none is given, by the command line too; without one it has to be given. */
  readonly learningRate?: number;
  /**
   * Rules of its own options; weight decay and clipping have theirs. A rule here takes the place of a common one. An
   * option without a default may be left out.
   */
  readonly rules: Readonly<Record<string, OptionRule>>;
  /** What must hold between options that are right by themselves. */
  checks?(options: OptimizerOptions): readonly string[];
  make(options: OptimizerOptions, kernels: Kernels): UpdateRule;
}

/** The configuration of a row, checked. Throws CompileError with every problem. */
export function configOf(name: string, type: OptimizerType, given: CommonOptions): OptimizerConfig {
  const { learningRate = type.learningRate, ema, groups, ...options } = given;
  const config: OptimizerConfig = {
    kind: "optimizer",
    type: name,
    learningRate: learningRate as number | Schedule,
    options: Object.freeze({ ...type.defaults, ...defined(options) }),
    ...(ema === undefined ? {} : { ema }),
    ...(groups === undefined ? {} : { groups }),
  };
  const problems = problemsOf(name, type, config);
  if (problems.length > 0) throw new CompileError(problems);
  return Object.freeze(config);
}

function defined(options: object): OptimizerOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as OptimizerOptions;
}

/** Everything wrong with a configuration of a row; empty when it is usable. */
export function problemsOf(name: string, type: OptimizerType, config: OptimizerConfig): readonly Problem[] {
  const what = `optimizer ${name}`;
  const { learningRate, options, ema, groups } = config;
  const messages = [
    ...(isSchedule(learningRate) ? [] : [numberOf(what, "learningRate", learningRate)]),
    ...optionMessages(what, type, options),
    ...unknownKeys(what, options, optimizerOptions(type)),
    ...clipMessages(what, options),
    ...(ema === undefined ? [] : emaMessages(what, ema)),
  ].filter((message) => message !== undefined);
  return [
    ...messages.map(invalid),
    ...(isSchedule(learningRate) ? scheduleProblems(learningRate) : []),
    ...(groups === undefined ? [] : groupsProblems(what, type, options, groups)),
  ];
}

const invalid = (message: string): Problem => ({ code: "OPTIMIZER_OPTION_INVALID", message });

const numberOf = (what: string, name: string, value: unknown) => checkOption({ what, name, value, rule: { min: 0 } });

/** The names of all options that a row takes beside its rate. */
export function optimizerOptions(type: OptimizerType): readonly string[] {
  return [...Object.keys(rulesOf(type)), ...Object.keys(clipRules)];
}

function rulesOf(type: OptimizerType): Readonly<Record<string, OptionRule>> {
  return { ...type.rules, ...Object.fromEntries(Object.entries(decayRules).filter(([key]) => !(key in type.rules))) };
}

function optionMessages(what: string, type: OptimizerType, options: OptimizerOptions): readonly string[] {
  const values = { ...type.defaults, ...options };
  const single = Object.entries(rulesOf(type))
    .filter(([name]) => name in type.defaults || values[name] !== undefined)
    .map(([name, rule]) => checkOption({ what, name, value: values[name], rule }));
  const wrong = single.filter((message) => message !== undefined);
  return [...wrong, ...(type.checks?.(values) ?? []).map((message) => `${what}: ${message}`)];
}

function clipMessages(what: string, options: OptimizerOptions): readonly (string | undefined)[] {
  const given = Object.entries(clipRules).filter(([name]) => options[name] !== undefined);
  const several =
    given.length > 1 ? `${what}: ${given.map(([name]) => name).join(" and ")} are given; expected one` : undefined;
  return [...given.map(([name, rule]) => checkOption({ what, name, value: options[name], rule })), several];
}

function emaMessages(what: string, ema: unknown): readonly (string | undefined)[] {
  if (!isRecord(ema)) return [`${what}: ema is ${show(ema)}; expected { momentum, overwriteFrequency? }`];
  const inside = `${what}, ema`;
  const given = Object.entries(emaRules).filter(([name]) => name === "momentum" || ema[name] !== undefined);
  return [
    ...given.map(([name, rule]) => checkOption({ what: inside, name, value: ema[name], rule })),
    ...unknownKeys(inside, ema, Object.keys(emaRules)),
  ];
}

function groupsProblems(
  what: string,
  type: OptimizerType,
  options: OptimizerOptions,
  groups: unknown,
): readonly Problem[] {
  if (!Array.isArray(groups)) return [invalid(`${what}: groups is ${show(groups)}; expected a list of groups`)];
  return groups.flatMap((group: unknown, index) => {
    const where = `${what}, group ${index + 1}`;
    if (isRecord(group)) return groupProblems(where, type, options, group as unknown as ParameterGroup);
    return [invalid(`${where}: found ${show(group)}; expected { variables, … }`)];
  });
}

function groupProblems(
  where: string,
  type: OptimizerType,
  options: OptimizerOptions,
  group: ParameterGroup,
): readonly Problem[] {
  const { variables, learningRate, rateFactor, ...own } = group;
  const rules = rulesOf(type);
  const names: unknown = variables;
  const isNames = Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === "string");
  const messages = [
    isNames ? undefined : `${where}: variables is ${show(names)}; expected a list of names, such as ["*.bias"]`,
    learningRate === undefined || isSchedule(learningRate) ? undefined : numberOf(where, "learningRate", learningRate),
    rateFactor === undefined ? undefined : numberOf(where, "rateFactor", rateFactor),
    ...optionMessages(where, type, { ...options, ...groupOptions(group) }),
    ...unknownKeys(where, own, ["learningRate", "rateFactor", ...Object.keys(rules)]),
  ].filter((message) => message !== undefined);
  return [...messages.map(invalid), ...(isSchedule(learningRate) ? scheduleProblems(learningRate) : [])];
}

/** What a group says about options of the optimizer itself. */
export function groupOptions({
  variables: _,
  learningRate: __,
  rateFactor: ___,
  ...own
}: ParameterGroup): OptimizerOptions {
  return defined(own) as Readonly<Record<string, OptimizerOptionValue>>;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
