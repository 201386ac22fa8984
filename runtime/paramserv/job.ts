import type { Dataset } from "../data/types.js";
import { CompileError, type Problem } from "../errors.js";
import type { Network } from "../layers/types.js";
import { compile } from "../program/compile.js";
import { initialWeights } from "../program/layout.js";
import type { TrainingProgram } from "../program/types.js";
import { dataProblems } from "./data-check.js";
import { layoutOfList, type ModelLayout } from "./model-layout.js";
import type { CheckedOptions } from "./options.js";
import type { ParameterList, ParamservOptions } from "./types.js";

/** A run that can begin: options, model and data fit each other. */
export interface Job {
  readonly options: CheckedOptions;
  readonly layout: ModelLayout;
  /** Writes the weights to start from. They may be large, so it is called when it is known that there is room. */
  readonly writeWeights: (into: Float32Array) => void;
  /** Absent when `upd` is a user function and the model is no network. */
  readonly program?: TrainingProgram;
  readonly training: Dataset;
  readonly validation?: Dataset;
}

/**
 * Compiles what is to be compiled and checks model and data against it.
 *
 * @throws CompileError with every problem
 */
export function prepareJob(options: CheckedOptions): Job {
  const { model, upd, features, labels, val_features, val_labels, seed } = options;
  const program = "program" in upd ? upd.program : isNetwork(model) ? compile(model) : undefined;
  const training = { features, labels };
  const validation = val_features && val_labels ? { features: val_features, labels: val_labels } : undefined;
  const problems = [
    ...(program === undefined ? [] : modelProblems(model, program)),
    ...dataProblems({ training, validation, program }),
  ];
  if (problems.length > 0) throw new CompileError(problems);
  const layout = program ?? layoutOfList(model as ParameterList);
  const writeWeights = (into: Float32Array): void => {
    if (isNetwork(model)) into.set(initialWeights(layout as TrainingProgram, seed));
    else for (const { name, offset } of layout.parameters) into.set(model[name]?.data ?? [], offset);
  };
  return { options, layout, writeWeights, training, ...(program && { program }), ...(validation && { validation }) };
}

function isNetwork(model: ParamservOptions["model"]): model is Network {
  return model.kind === "network" && Array.isArray(model.parameters);
}

/** Whether the model to start from has the parameters that the program trains. */
function modelProblems(model: ParamservOptions["model"], { name, parameters }: TrainingProgram): readonly Problem[] {
  const given: readonly { readonly name: string; readonly shape: readonly number[] }[] = isNetwork(model)
    ? model.parameters
    : Object.entries(model).map(([key, { shape }]) => ({ name: key, shape }));
  const invalid = (message: string): Problem => ({ code: "PARAMSERV_MODEL_INVALID", message });
  const extra = given.filter((one) => parameters.every((parameter) => parameter.name !== one.name));
  return [
    ...parameters.flatMap((parameter) => {
      const found = given.find((one) => one.name === parameter.name);
      const expected = `parameter "${parameter.name}" of network "${name}" has shape [${parameter.shape.join(",")}]`;
      if (found === undefined) return [invalid(`${expected}; the model has no such parameter`)];
      if (String(found.shape) === String(parameter.shape)) return [];
      return [invalid(`${expected}; in the model it is [${found.shape.join(",")}]`)];
    }),
    ...extra.map((one) => invalid(`the model has a parameter "${one.name}", which network "${name}" does not have`)),
  ];
}
