import { engines } from "../engines/index.js";
import { CompileError, type Problem } from "../errors.js";
import type { Network } from "../layers/types.js";
import { compile } from "../program/compile.js";
import { initialWeights } from "../program/layout.js";
import type { TrainingProgram, VariableBuffer } from "../program/types.js";
import { type BoundData, bindData, type GivenAs, isArray } from "./bind-data.js";
import { layoutOfList } from "./model-layout.js";
import type { CheckedOptions } from "./options.js";
import type { ParameterList, ParamservOptions } from "./types.js";

/** A run that can begin: options, model and data fit each other. */
export interface Job {
  readonly options: CheckedOptions;
  readonly layout: VariableBuffer;
  /** Writes the variables to start from. They may be large, so it is called when it is known that there is room. */
  readonly writeWeights: (into: Float32Array) => void;
  /** Absent when `upd` is a user function and the model is no network. */
  readonly program?: TrainingProgram;
  readonly training: BoundData;
  readonly validation?: BoundData;
  readonly givenAs: GivenAs;
}

/**
 * Compiles what is to be compiled and checks model and data against it.
 *
 * @throws CompileError with every problem
 */
export function prepareJob(options: CheckedOptions): Job {
  const { model, features, labels } = options;
  const program = programOf(options);
  const training = bindData({ features, labels }, "", program);
  const validation = bindValidation(options, program);
  const problems = [
    ...(program === undefined ? [] : [...targetProblems(options, program), ...modelProblems(model, program)]),
    ...training.problems,
    ...(validation?.problems ?? []),
  ];
  if (problems.length > 0) throw new CompileError(problems);
  const givenAs = {
    features: isArray(features) ? "array" : "columns",
    labels: isArray(labels) ? "array" : "columns",
  } as const;
  const layout = program ?? layoutOfList(model as ParameterList);
  const writeWeights = (into: Float32Array): void => writeModel(options, layout, into);
  const given = { options, layout, writeWeights, training, givenAs };
  return { ...given, ...(program && { program }), ...(validation && { validation }) };
}

/** What the workers execute: the built-in gradients, or of a network that a user function trains the evaluation. */
function programOf({ upd, model, engine }: CheckedOptions): TrainingProgram | undefined {
  if ("program" in upd) return upd.program;
  const target = Object.hasOwn(engines, engine) ? engines[engine]?.target : undefined;
  return isNetwork(model) ? compile(model, target === undefined ? {} : { target }) : undefined;
}

/** Whether the engine executes what the program was compiled for. One that does not exist is told when it is opened. */
function targetProblems({ engine }: CheckedOptions, { name, target }: TrainingProgram): readonly Problem[] {
  const executes = Object.hasOwn(engines, engine) ? engines[engine]?.target : undefined;
  if (executes === undefined || executes === target) return [];
  const message = `engine "${engine}" executes programs for "${executes}"; network "${name}" is compiled for "${target}"`;
  const hint = `give gradientsOf() the option target: "${executes}"`;
  return [{ code: "PARAMSERV_OPTION_INVALID", message, hint }];
}

function bindValidation(
  { val, val_features, val_labels }: CheckedOptions,
  program: TrainingProgram | undefined,
): BoundData | undefined {
  if (val_features === undefined && val === undefined) return undefined;
  if (val_features === undefined) {
    const message = "val is given without val_features: there is nothing to validate with";
    return {
      ...bindData({ features: undefined, labels: undefined }, "val_", undefined),
      problems: [{ code: "PARAMSERV_OPTION_MISSING", message }],
    };
  }
  const bound = bindData({ features: val_features, labels: val_labels }, "val_", program);
  if (program !== undefined || val !== undefined) return bound;
  const message =
    "val_features are given, but upd is a user function and the model is no network: nothing can evaluate them without val";
  return { ...bound, problems: [{ code: "PARAMSERV_OPTION_INVALID", message }] };
}

/** A network starts from the seed; so does the state that a model by name leaves out. */
function writeModel({ model, seed }: CheckedOptions, layout: VariableBuffer, into: Float32Array): void {
  const given = isNetwork(model) ? {} : model;
  const { variables } = layout;
  const drawn = variables.filter(({ name }) => given[name] === undefined);
  if (drawn.length > 0) into.set(initialWeights({ ...layout, variables: drawn }, seed));
  for (const { name, offset } of variables) into.set(given[name]?.data ?? [], offset);
}

function isNetwork(model: ParamservOptions["model"]): model is Network {
  return model.kind === "network" && Array.isArray(model.variables);
}

/** Whether the model to start from has the variables of the program. Only state may be left out. */
function modelProblems(model: ParamservOptions["model"], { name, variables }: TrainingProgram): readonly Problem[] {
  const given: readonly { readonly name: string; readonly shape: readonly number[] }[] = isNetwork(model)
    ? model.variables
    : Object.entries(model).map(([key, { shape }]) => ({ name: key, shape }));
  const invalid = (message: string): Problem => ({ code: "PARAMSERV_MODEL_INVALID", message });
  const extra = given.filter((one) => variables.every((variable) => variable.name !== one.name));
  return [
    ...variables.flatMap((variable) => {
      const found = given.find((one) => one.name === variable.name);
      const noun = variable.role === "state" ? "state" : "parameter";
      const expected = `${noun} "${variable.name}" of network "${name}" has shape [${variable.shape.join(",")}]`;
      if (found === undefined) {
        return variable.role === "state" ? [] : [invalid(`${expected}; the model has no such parameter`)];
      }
      if (String(found.shape) === String(variable.shape)) return [];
      return [invalid(`${expected}; in the model it is [${found.shape.join(",")}]`)];
    }),
    ...extra.map((one) => invalid(`the model has a parameter "${one.name}", which network "${name}" does not have`)),
  ];
}
