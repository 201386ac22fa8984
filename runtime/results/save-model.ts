import { join } from "node:path";
import type { NDArray } from "../array.js";
import { type Problem, RunError } from "../errors.js";
import type { Network } from "../layers/types.js";
import { exportOnnx } from "../program/inference.js";
import type { NamedArrays } from "../program/layout.js";
import { safetensorsChunks } from "../safetensors.js";
import { sizeOf } from "../shape.js";
import { writeFilesAtomically } from "./atomic-files.js";
import { resultFiles } from "./record.js";

export interface SaveModelOptions {
  /** Made if it does not exist. Files of the same names in it are replaced. */
  readonly directory: string;
  readonly network: Network;
  /** By variable name, states and frozen variables included: a run's `model`. */
  readonly weights: NamedArrays;
  /** Written to the safetensors file beside the network's name: a seed, the number of epochs. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The paths written, inside the directory as it was given. */
export interface SavedModel {
  readonly safetensors: string;
  readonly onnx: string;
}

/**
 * Writes a network with weights, whoever trained it: `model.safetensors`, all variables by name, and `model.onnx`, an
 * inference model with the weights inside, whose inputs are those of the network. Both are written whole, or
 * those that were there stay: they are written under other names and swapped in. The weights are written from where they lie. What `paramserv()` trained is saved
 * by `saveResult()`, which keeps the preparation of the data with it.
 *
 * Throws RunError: RESULT_WEIGHTS_INVALID with every variable that does not fit, RESULT_DIRECTORY_UNWRITABLE,
 * RESULT_WRITE_FAILED.
 *
 * @example await saveModel({ directory: "out", network: lenet, weights });
 */
export async function saveModel({ directory, network, weights, metadata }: SaveModelOptions): Promise<SavedModel> {
  const checked = checkedWeights(network, weights);
  const saved = { safetensors: join(directory, resultFiles.safetensors), onnx: join(directory, resultFiles.onnx) };
  await writeFilesAtomically([
    { path: saved.safetensors, chunks: safetensorsChunks(checked, { network: network.name, ...metadata }) },
    { path: saved.onnx, chunks: exportOnnx(network, checked) },
  ]);
  return saved;
}

/** The weights of a network's variables; throws RESULT_WEIGHTS_INVALID with all that do not fit. */
export function checkedWeights({ name: network, variables }: Network, weights: NamedArrays): NamedArrays {
  const problems: Problem[] = [];
  const problem = (text: string) =>
    problems.push({ code: "RESULT_WEIGHTS_INVALID", message: `network "${network}": ${text}` });
  const checked: Record<string, NDArray<Float32Array>> = {};
  for (const { name, shape } of variables) {
    const given = Object.hasOwn(weights, name) ? weights[name] : undefined;
    if (given === undefined) problem(`the weights have no "${name}"`);
    else if (given.data.length !== sizeOf(shape) || given.shape.join() !== shape.join()) {
      const found = `[${given.shape.join(",")}] with ${given.data.length} values`;
      problem(`weight "${name}" has shape ${found}, expected [${shape.join(",")}] with ${sizeOf(shape)}`);
    } else checked[name] = given;
  }
  if (problems.length > 0) throw new RunError(problems);
  return checked;
}
