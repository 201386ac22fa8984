import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDirectory } from "../directories.js";
import type { Network } from "../layers/types.js";
import type { NamedArrays } from "../program/layout.js";
import { openSafetensors } from "./safetensors.js";
import type { WeightSource } from "./source.js";
import { formatWeightReport, startFrom } from "./start.js";

interface Start {
  /** Trained weights, or where they are: a safetensors file, or the folder of a result. Default: none. */
  readonly from?: string | WeightSource | undefined;
  /** What the variables that no weights are found for are drawn with. */
  readonly seed: number;
  /** A run that goes on reads its weights from its checkpoint: it starts from the network. */
  readonly resume?: string | undefined;
}

/** The weights in the folder of a result, or in that of a package, which trains into `result`. */
export function weightsFile(path: string): string {
  if (!isDirectory(path)) return path;
  const [own, inner] = [path, join(path, "result")].map((folder) => join(folder, "model.safetensors"));
  return inner !== undefined && own !== undefined && !existsSync(own) && existsSync(inner) ? inner : (own ?? path);
}

/**
 * The model that a training starts from: the network as it is, or its variables from trained weights, with a report of
 * what was found, missing and left over.
 *
 * @throws ModelFileError if the weights cannot be read, or an array has another shape than its variable
 * @example const start = await startingModel(lenet, { from: "lenet-trained", seed: 1 }, console.error);
 */
export async function startingModel(
  network: Network,
  { from, seed, resume }: Start,
  say: (...lines: readonly string[]) => void,
): Promise<Network | NamedArrays> {
  if (from === undefined || resume !== undefined) return network;
  const source = typeof from === "string" ? await openSafetensors(weightsFile(from)) : from;
  const { weights, report } = await startFrom(network, source, seed);
  say(...formatWeightReport(report, source.file));
  return weights;
}
