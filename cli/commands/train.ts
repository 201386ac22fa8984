import { statSync } from "node:fs";
import { describeFormats } from "../../generators/index.js";
import { ModelFileError, type Problem } from "../../runtime/errors.js";
import { failureLine } from "../../runtime/script/errors.js";
import { defineCommand } from "../command.js";
import type { OptionValues } from "../options.js";
import { trainModel } from "../train/model-run.js";
import { trainPackage } from "../train/package-run.js";
import { trainOptions } from "../training-options.js";

const epilogue = [
  `Without options: a barrier after every batch (BSP, BATCH), as many workers as the machine has cores, rows dealt by
  lot and visited in a new order each epoch, a fifth of them kept to validate. With a solver file, its learning rule,
  batch size, seed and number of iterations hold: epochs = iterations × batch size ÷ training rows, rounded up.`,
  `Ctrl-C ends the training within a second or two and keeps the weights of the last update; a second Ctrl-C ends at
  once.`,
  `A package that "paramserv convert" made is compiled, after npm install there, and its own train.ts runs. These
  options are handed on to it: --data --labels --input --label --epochs --batchsize -k --utype --freq --scheme --seed
  --out --log-dir --json --stats.`,
]
  .map((paragraph) => paragraph.replace(/\s+/g, " "))
  .join("\n\n");

/** Options about the data that do not go together. */
function dataProblems(options: OptionValues<typeof trainOptions>): readonly Problem[] {
  const problems: Problem[] = [];
  if (options.data === undefined) {
    const hint = "--data FILE names the rows to learn from";
    problems.push({ code: "CLI_OPTION_MISSING", at: { path: "--data" }, message: "required, and not given", hint });
  }
  const apart = options["val-data"] !== undefined;
  if (!apart && options["val-labels"] !== undefined) {
    const message = "required beside --val-labels, and not given";
    problems.push({ code: "CLI_OPTION_MISSING", at: { path: "--val-data" }, message });
  }
  if (apart && options.validation !== undefined) {
    const message = "given beside --validation, expected one of them";
    problems.push({ code: "CLI_OPTION_INVALID", at: { path: "--val-data" }, message });
  }
  return problems;
}

/** Trains a model, or a generated package. */
export const train = defineCommand({
  describe: "Trains a model on your data with parallel workers around a parameter server.",
  target: { name: "MODEL", describe: `${describeFormats()}, or the directory of a training package` },
  options: trainOptions,
  examples: [
    ["$0 train solver.prototxt --data digits.npz", "as the solver says, on all cores"],
    ["$0 train net.prototxt --data rows.csv", "a net without a solver"],
    ["$0 train solver.prototxt --data d.npz -k 4", "four workers"],
    ["$0 train net.prototxt --data d.npz --json", "events for programs"],
    ["$0 train my-lenet --epochs 5", "a package made by convert"],
  ],
  epilogue,
  failure: failureLine,
  run({ target, options }) {
    const found = statSync(target, { throwIfNoEntry: false });
    if (found === undefined) {
      const message = "found nothing there, expected a model file or the directory of a training package";
      throw new ModelFileError({ code: "MODEL_FILE_MISSING", at: { file: target }, message });
    }
    if (found.isDirectory()) return trainPackage(target, options);
    const { data } = options;
    const problems = dataProblems(options);
    if (data === undefined || problems.length > 0) throw new ModelFileError(problems);
    return trainModel(target, { ...options, data });
  },
});
