import { join } from "node:path";
import type { NDArray } from "../data/types.js";
import { type Problem, RunError } from "../errors.js";
import type { Network } from "../layers/types.js";
import { compileInference } from "../program/inference.js";
import { layoutOf } from "../program/layout.js";
import { writeFilesAtomically } from "./atomic-files.js";
import { writeSafetensors } from "./safetensors.js";

export interface SaveOptions {
  /** Made if it does not exist. Files of the same names in it are replaced. */
  readonly directory: string;
  readonly network: Network;
  /** By parameter name (a run's `model`), or flat in the layout of the network's program. */
  readonly weights: Readonly<Record<string, NDArray<Float32Array>>> | Float32Array;
  /** Written to the safetensors file beside the network's name: a seed, the number of epochs. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface SavedResult {
  /** The paths written, inside the directory as it was given. */
  readonly safetensors: string;
  readonly onnx: string;
}

/**
 * Writes a trained network: `model.safetensors`, the weights by parameter name, and `model.onnx`, an inference model
 * with the weights inside. Both are complete or absent: they are written under other names and renamed.
 *
 * Throws RunError: RESULT_WEIGHTS_INVALID with every parameter that does not fit, RESULT_DIRECTORY_UNWRITABLE,
 * RESULT_WRITE_FAILED.
 *
 * @example await saveResult({ directory: "out", network: lenet, weights: run.model });
 */
export async function saveResult({ directory, network, weights, metadata }: SaveOptions): Promise<SavedResult> {
  const named = namedWeights(network, weights);
  const saved = { safetensors: join(directory, "model.safetensors"), onnx: join(directory, "model.onnx") };
  await writeFilesAtomically([
    { path: saved.safetensors, bytes: writeSafetensors(named, { network: network.name, ...metadata }) },
    { path: saved.onnx, bytes: compileInference(network, named) },
  ]);
  return saved;
}

function namedWeights(
  network: Network,
  weights: SaveOptions["weights"],
): Readonly<Record<string, NDArray<Float32Array>>> {
  const problems: Problem[] = [];
  const problem = (text: string) =>
    problems.push({ code: "RESULT_WEIGHTS_INVALID", message: `network "${network.name}": ${text}` });
  const { parameters, size } = layoutOf(network.parameters, new Set());
  const named: Record<string, NDArray<Float32Array>> = {};
  if (weights instanceof Float32Array && weights.length !== size) {
    problem(`the flat weights have ${weights.length} floats, expected ${size}`);
  }
  for (const { name, shape, offset, length } of parameters) {
    const given =
      weights instanceof Float32Array ? undefined : Object.hasOwn(weights, name) ? weights[name] : undefined;
    if (weights instanceof Float32Array) named[name] = { shape, data: weights.subarray(offset, offset + length) };
    else if (given === undefined) problem(`the weights have no "${name}"`);
    else if (given.data.length !== length || given.shape.join() !== shape.join()) {
      const found = `[${given.shape.join(",")}] with ${given.data.length} values`;
      problem(`weight "${name}" has shape ${found}, expected [${shape.join(",")}] with ${length}`);
    } else named[name] = { shape, data: given.data };
  }
  if (problems.length > 0) throw new RunError(problems);
  return named;
}
