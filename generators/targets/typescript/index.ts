import type { NDArray } from "../../../runtime/array.js";
import { hasDefinition } from "../../../runtime/layers/table.js";
import { safetensorsChunks } from "../../../runtime/safetensors.js";
import type { ImportedModel } from "../../imported.js";
import { type ConvertOptions, trainingNames } from "../convert-options.js";
import type { Target } from "../target.js";
import { wrapComments } from "./layout.js";
import { viewModel } from "./model-view.js";
import { viewPackage, viewReadme } from "./readme-view.js";
import { viewSolver } from "./solver-view.js";
import { render } from "./templates.js";
import { viewTrain } from "./train-view.js";

/** The files of a training package, which are all text. */
export type GeneratedPackage = Readonly<Record<string, string>>;

/**
 * Prints an imported model as a training package: its files by path. The same model and options give the same bytes,
 * on every machine and at any time.
 */
export function emitTypescript(imported: ImportedModel, options: ConvertOptions): GeneratedPackage {
  const solver = viewSolver(imported, options);
  return {
    ".gitignore": render("gitignore", {}),
    ".npmrc": render("npmrc", {}),
    "README.md": render("README.md", viewReadme(imported, options)),
    "model.ts": wrapComments(render("model.ts", viewModel(imported))),
    "package.json": render("package.json", viewPackage(imported, options)),
    "solver.ts": wrapComments(render("solver.ts", solver)),
    "train.ts": wrapComments(render("train.ts", viewTrain(imported, options, solver.counts))),
    "tsconfig.json": render("tsconfig.json", {}),
  };
}

/** The file of a package that holds the weights it starts from. */
const weightsName = "weights.safetensors";

/** The weights of the model's file, as a file of the package; weights that are one already are referred to. */
async function keptWeights({ network, weights }: ImportedModel, { from }: ConvertOptions) {
  if (weights === undefined || (from !== undefined && weights.file.endsWith(".safetensors"))) return undefined;
  const known = new Set(network.variables.map(({ name }) => name));
  const arrays: Record<string, NDArray<Float32Array>> = {};
  for (const { name } of weights.entries) if (known.has(name)) arrays[name] = await weights.read(name);
  return { [weightsName]: safetensorsChunks(arrays, { network: network.name }) };
}

/** A training package: everything in the layer table has a printer. */
export const typescriptTarget: Target<ConvertOptions> = {
  describe: "a TypeScript training package: model.ts, solver.ts and train.ts, to read, edit and run",
  prints: ({ type }) => hasDefinition(type),
  takes: [...trainingNames, "runtime"],
  async emit(model, options) {
    const weights = await keptWeights(model, options);
    return {
      ...emitTypescript(model, weights === undefined ? options : { ...options, from: weightsName }),
      ...weights,
    };
  },
  next: ({ directory, hasData }) => [
    "now train with it:",
    `  cd ${directory} && npm install && ${hasData ? "npm start" : "npm start -- --data FILE"}`,
  ],
};
