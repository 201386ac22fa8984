import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImportedModel, ImportOptions } from "../../generators/imported.js";
import { importModel } from "../../generators/index.js";
import { isBaseError, type Problem } from "../../runtime/errors.js";
import type { LayerNode, Network, Scalar, Variable } from "../../runtime/layers/index.js";
import { nameOf, sampleShape, tensorsOf } from "../../runtime/layers/tensors.js";

/** Writes texts as files of one directory, imports the first and removes them. */
export async function importTexts(
  texts: Readonly<Record<string, string>>,
  options: ImportOptions = {},
): Promise<ImportedModel> {
  const directory = mkdtempSync(join(tmpdir(), "paramserv-caffe-"));
  try {
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(directory, name), text);
    return await importModel(join(directory, Object.keys(texts)[0] ?? ""), options);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export function importNet(text: string, options: ImportOptions = {}): Promise<ImportedModel> {
  return importTexts({ "net.prototxt": text }, options);
}

/** The problems that a net or solver is refused with. */
export async function problemsOf(text: string, options: ImportOptions = {}): Promise<readonly Problem[]> {
  const error: unknown = await importNet(text, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isBaseError(error)) throw new Error(`expected problems, got ${String(error)}`);
  return error.problems;
}

export function layerOf(network: Network, name: string): LayerNode {
  const layer = network.layers.find((candidate) => candidate.name === name);
  if (layer === undefined) throw new Error(`no layer ${name}`);
  return layer;
}

/** The names of the tensors that a layer takes. */
export function inputNames(network: Network, name: string): readonly string[] {
  return tensorsOf(layerOf(network, name)).map(nameOf);
}

/** The loss of a network that has one. */
export function lossOf(network: Network): Scalar | undefined {
  return network.losses.loss?.scalar;
}

/** The shapes of one sample at a layer's inputs. */
export function inputShapes(layer: LayerNode | undefined) {
  return layer && tensorsOf(layer).map(({ shape }) => sampleShape(shape));
}

export function variablesOf(layer: LayerNode): readonly Variable[] {
  return Object.values(layer.variables);
}

/** The shape of a sample at the first output of each layer, by the layer's name: `20×24×24`. */
export function shapesOf(network: Network): Readonly<Record<string, string>> {
  return Object.fromEntries(
    network.layers.map(({ name, outputs }) => [name, sampleShape(outputs[0]?.shape ?? []).join("×")]),
  );
}

export function parameterCount(network: Network): number {
  return network.variables.reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0);
}

/** A net with one input `data` of this shape and these layers. */
export function netWith(layers: string, shape: readonly number[] = [3, 11, 9]): string {
  const dims = [1, ...shape].map((length) => `dim: ${length}`).join(" ");
  return `layer { name: "data" type: "Input" top: "data" input_param { shape { ${dims} } } }\n${layers}`;
}

/** One layer `x` from `data` to `x`. */
export function layerText(type: string, settings: string): string {
  return `layer { name: "x" type: "${type}" bottom: "data" top: "x" ${settings} }`;
}
