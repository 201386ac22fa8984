import { adjustOptimizer, type OptimizerConfig, optimizers } from "../../../runtime/optimizers/index.js";
import { trainingDefaults } from "../../../runtime/options/defaults.js";
import { defaultOptimizer } from "../../../runtime/script/default-optimizer.js";
import type { ImportedModel } from "../../imported.js";
import type { ConvertOptions } from "../convert-options.js";
import { type Imports, importCode, optimizerCode } from "./expressions.js";
import { printCode } from "./layout.js";
import { commentText, numberLiteral, placeText } from "./literals.js";
import type { SolverView } from "./views.js";

/** How long a package trains: epochs, or iterations that become epochs once the number of rows is known. */
interface Length {
  readonly counts: "epochs" | "iterations";
  readonly count: number;
  readonly comment: string;
}

const startingPoint = "a starting point: no file says";

/** The file of two that speaks about the optimizer: the one read last. */
function solverFile(imported: ImportedModel): string {
  return placeText({ file: imported.files.at(-1) ?? imported.name });
}

function lengthOf(imported: ImportedModel, options: ConvertOptions): Length {
  const { epochs, iterations } = imported.training;
  const passes = "Passes over the training rows";
  if (options.epochs !== undefined) return { counts: "epochs", count: options.epochs, comment: `${passes}.` };
  if (epochs !== undefined) {
    return { counts: "epochs", count: epochs, comment: `${passes} (${solverFile(imported)}).` };
  }
  if (iterations === undefined) {
    return { counts: "epochs", count: trainingDefaults.epochs, comment: `${passes} (${startingPoint}).` };
  }
  const comment = `Updates (${solverFile(imported)}); train.ts makes epochs of them: ⌈iterations · globalBatchsize / rows⌉.`;
  return { counts: "iterations", count: iterations, comment };
}

/** The batch that a model file speaks of is that of one update: with it k workers learn as the one worker of the file. */
function batchOf({ training: { batchsize }, files, name }: ImportedModel, { globalBatchsize }: ConvertOptions) {
  const source = batchsize === undefined ? startingPoint : placeText({ file: files[0] ?? name });
  return {
    value: globalBatchsize ?? batchsize ?? trainingDefaults.globalBatchsize,
    comment: `Rows in a batch of all workers together${globalBatchsize === undefined ? ` (${source})` : ""}.`,
  };
}

/** The optimizer to print: what was asked for over what the files say; what its function does by itself is left out. */
function printedOptimizer({ training }: ImportedModel, options: ConvertOptions): OptimizerConfig {
  const optimizer = adjustOptimizer(training.optimizer ?? defaultOptimizer, options);
  const { defaults = {} } = optimizers[optimizer.type] ?? {};
  const differing = Object.entries(optimizer.options).filter(([name, value]) => value !== defaults[name]);
  return { ...optimizer, options: Object.fromEntries(differing) };
}

export function viewSolver(imported: ImportedModel, options: ConvertOptions): SolverView {
  const { optimizer } = imported.training;
  const imports: Imports = new Set();
  const code = optimizerCode(printedOptimizer(imported, options), imports);
  const batch = batchOf(imported, options);
  const length = lengthOf(imported, options);
  return {
    title: commentText(imported.network.name),
    source:
      optimizer === undefined
        ? `: a starting point, because ${solverFile(imported)} does not say`
        : `, from ${solverFile(imported)}`,
    imports: printCode(importCode(imports), { before: "import ".length, after: ' from "paramserv";'.length }),
    optimizer: printCode(code, { before: "export const optimizer = ".length, after: 1 }),
    optimizerComment:
      optimizer === undefined ? "The learning rule: a starting point." : `The learning rule (${solverFile(imported)}).`,
    globalBatchsize: numberLiteral(batch.value),
    batchComment: batch.comment,
    counts: length.counts,
    count: numberLiteral(length.count),
    countComment: length.comment,
  };
}
