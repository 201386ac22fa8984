import { defaultOptimizer, trainingDefaults } from "../../../runtime/script/defaults.js";
import type { ImportedModel } from "../../imported.js";
import { type Imports, importCode, optimizerCode } from "./expressions.js";
import { printCode } from "./layout.js";
import { commentText, numberLiteral, placeText } from "./literals.js";
import type { EmitOptions } from "./options.js";
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

function lengthOf(imported: ImportedModel, options: EmitOptions): Length {
  const { epochs, iterations } = imported.training;
  const passes = "Passes over the training rows";
  if (options.epochs !== undefined) return { counts: "epochs", count: options.epochs, comment: `${passes}.` };
  if (epochs !== undefined) {
    return { counts: "epochs", count: epochs, comment: `${passes} (${solverFile(imported)}).` };
  }
  if (iterations === undefined) {
    return { counts: "epochs", count: trainingDefaults.epochs, comment: `${passes} (${startingPoint}).` };
  }
  const comment = `Updates (${solverFile(imported)}); train.ts makes epochs of them: ⌈iterations · batchsize / rows⌉.`;
  return { counts: "iterations", count: iterations, comment };
}

/** The batch that a model file speaks of is that of one update: with it k workers learn as the one worker of the file. */
function batchsizeOf({ training: { batchsize }, files, name }: ImportedModel): {
  readonly value: number;
  readonly comment: string;
} {
  const source = batchsize === undefined ? startingPoint : placeText({ file: files[0] ?? name });
  return {
    value: batchsize ?? trainingDefaults.batchsize,
    comment: `Rows in an update, shared by the workers (${source}).`,
  };
}

export function viewSolver(imported: ImportedModel, options: EmitOptions): SolverView {
  const { optimizer } = imported.training;
  const imports: Imports = new Set();
  const code = optimizerCode(optimizer ?? defaultOptimizer, imports);
  const batchsize = batchsizeOf(imported);
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
    batchsize: numberLiteral(batchsize.value),
    batchsizeComment: batchsize.comment,
    counts: length.counts,
    count: numberLiteral(length.count),
    countComment: length.comment,
  };
}
