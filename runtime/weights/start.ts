import type { NDArray } from "../array.js";
import { ModelFileError, type Problem } from "../errors.js";
import type { Network } from "../layers/types.js";
import { printable } from "../printable.js";
import { initialWeights, type NamedArrays, place, viewsByName } from "../program/layout.js";
import type { WeightSource } from "./source.js";

/** How the arrays of a file and the variables of a network meet, by name. */
export interface WeightReport {
  /** Variables that start from the file. */
  readonly matched: readonly string[];
  /** Variables that the file has no array for: they start as the network says. */
  readonly missing: readonly string[];
  /** Arrays of the file that the network has no variable for: they are left out. */
  readonly surplus: readonly string[];
}

export interface StartingWeights {
  /** Every variable of the network: `model` of `paramserv()`. */
  readonly weights: NamedArrays;
  readonly report: WeightReport;
}

function shapeProblems({ name: network, variables }: Network, { file, entries }: WeightSource): readonly Problem[] {
  const shapes = new Map(variables.map(({ name, shape }) => [name, shape]));
  return entries.flatMap(({ name, shape }): readonly Problem[] => {
    const wanted = shapes.get(name);
    if (wanted === undefined || String(wanted) === String(shape)) return [];
    const expected = `[${wanted.join(",")}] as network "${network}" has it`;
    return [
      {
        code: "MODEL_WEIGHTS_INVALID",
        at: { file },
        message: `"${name}" has the shape [${shape.join(",")}], expected ${expected}`,
        hint: "a layer under another name starts anew, and the rest from the file",
      },
    ];
  });
}

function none({ name, variables }: Network, { file, entries }: WeightSource): Problem {
  const some = (names: readonly { readonly name: string }[]) => {
    const texts = names.slice(0, 3).map((one) => `"${one.name}"`);
    return texts.length < names.length ? `${texts.join(", ")}, …` : texts.join(", ");
  };
  const found = entries.length === 0 ? "the file has no arrays" : `found ${some(entries)}`;
  const message = `none of its arrays is one of network "${name}": ${found}, expected ${some(variables)}`;
  return { code: "MODEL_WEIGHTS_INVALID", at: { file }, message };
}

/**
 * The weights to start a training from: those of a file where names meet, as `CopyTrainedLayersFrom` does in Caffe, and
 * what the network and the seed say for the others. A variable whose name meets an array of another shape is an error.
 *
 * @throws ModelFileError MODEL_WEIGHTS_INVALID with every shape that differs, or if no name meets
 * @example const { weights } = await startFrom(lenet, await openSafetensors("lenet-trained/model.safetensors"), 0);
 */
export async function startFrom(network: Network, source: WeightSource, seed: number): Promise<StartingWeights> {
  const problems = shapeProblems(network, source);
  const inFile = new Set(source.entries.map(({ name }) => name));
  const matched = network.variables.map(({ name }) => name).filter((name) => inFile.has(name));
  if (problems.length > 0 || matched.length === 0) {
    throw new ModelFileError(problems.length > 0 ? problems : none(network, source));
  }
  const missing = network.variables.filter(({ name }) => !inFile.has(name));
  const buffer = place(missing);
  const weights: Record<string, NDArray<Float32Array>> = { ...viewsByName(buffer, initialWeights(buffer, seed)) };
  for (const name of matched) weights[name] = await source.read(name);
  const known = new Set(network.variables.map(({ name }) => name));
  const surplus = source.entries.map(({ name }) => name).filter((name) => !known.has(name));
  return { weights, report: { matched, missing: missing.map(({ name }) => name), surplus } };
}

const listed = 5;

function list(names: readonly string[]): string {
  const more = names.length > listed ? ` and ${names.length - listed} more` : "";
  return `${names.slice(0, listed).map(printable).join(", ")}${more}`;
}

/** The report for a person, a line for each kind that there is. */
export function formatWeightReport({ matched, missing, surplus }: WeightReport, file: string): readonly string[] {
  const all = matched.length + missing.length;
  return [
    `weights: ${matched.length} of ${all} arrays start from ${printable(file)}; the optimizer and its schedule start anew`,
    ...(missing.length === 0 ? [] : [`  missing there, so they start anew: ${list(missing)}`]),
    ...(surplus.length === 0 ? [] : [`  in the file alone, so they are left out: ${list(surplus)}`]),
  ];
}
