import type { ImportedModel } from "../imported.js";
import { wrapComments } from "./layout.js";
import { manifestName, manifestText } from "./manifest.js";
import { viewModel } from "./model-view.js";
import type { EmitOptions, GeneratedPackage } from "./options.js";
import { viewPackage, viewReadme } from "./readme-view.js";
import { viewSolver } from "./solver-view.js";
import { render } from "./templates.js";
import { viewTrain } from "./train-view.js";

export type { EmitOptions, GeneratedPackage } from "./options.js";
export { checkPackage, writePackage } from "./write-package.js";

/**
 * Prints an imported model as a training package: its files by path. The same model and options give the same bytes,
 * on every machine and at any time.
 *
 * Example: `writePackage("lenet", emitTypescript(await importModel("solver.prototxt"), { runtime: "^0.1.0" }), { force: false })`
 */
export function emitTypescript(imported: ImportedModel, options: EmitOptions): GeneratedPackage {
  const solver = viewSolver(imported, options);
  const files = {
    ".gitignore": render("gitignore", {}),
    ".npmrc": render("npmrc", {}),
    "README.md": render("README.md", viewReadme(imported, options)),
    "model.ts": wrapComments(render("model.ts", viewModel(imported))),
    "package.json": render("package.json", viewPackage(imported, options)),
    "solver.ts": wrapComments(render("solver.ts", solver)),
    "train.ts": wrapComments(render("train.ts", viewTrain(imported, options, solver.counts))),
    "tsconfig.json": render("tsconfig.json", {}),
  };
  return { ...files, [manifestName]: manifestText(files) };
}
