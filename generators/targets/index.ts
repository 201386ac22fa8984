import type { ImportedModel } from "../imported.js";
import type { ConvertOptions } from "./convert-options.js";
import { withManifest } from "./files/manifest.js";
import { onnxTarget } from "./onnx/index.js";
import { type GeneratedFiles, requirePrinters, type Target } from "./target.js";
import { typescriptTarget } from "./typescript/index.js";

export { type ConvertOptions, convertRows } from "./convert-options.js";
export { staleFiles, writeFiles } from "./files/write-files.js";
export type { GeneratedFiles, Target } from "./target.js";

export type Targets = Readonly<Record<string, Target<ConvertOptions>>>;

/** The target table: what a model is converted to. */
export const targets = { typescript: typescriptTarget, onnx: onnxTarget } as const satisfies Targets;

export type TargetName = keyof typeof targets;

export const targetNames = Object.keys(targets) as readonly TargetName[];

/**
 * Converts a model: the files of the product by path, with the manifest that tells later which of them were edited.
 *
 * @throws ModelFileError with every layer that the target cannot print, and with what the target misses
 * @example writeFiles("lenet", await convertModel(await importModel("solver.prototxt"), "typescript", { runtime: "^0.1.0" }), { force: false });
 */
export async function convertModel(
  model: ImportedModel,
  name: string,
  options: ConvertOptions,
  table: Targets = targets,
): Promise<GeneratedFiles> {
  const target = table[name];
  if (target === undefined) throw new RangeError(`no target ${name}, expected ${Object.keys(table).join(", ")}`);
  requirePrinters(model, name, target);
  return withManifest(name, await target.emit(model, options));
}
