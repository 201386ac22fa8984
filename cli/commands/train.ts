import { statSync } from "node:fs";
import { describeFormats } from "../../generators/index.js";
import { ModelFileError, type Problem, UsageError } from "../../runtime/errors.js";
import { overlay } from "../../runtime/options/decode.js";
import { failureLine } from "../../runtime/script/errors.js";
import { readLaunch } from "../../runtime/script/launch.js";
import { scriptOptions } from "../../runtime/script/script-options.js";
import { defineCommand } from "../command.js";
import { dashed, type OptionValues } from "../options.js";
import { trainModel } from "../train/model-run.js";
import { trainPackage } from "../train/package-run.js";
import { trainOptions } from "../training-options.js";

const notForPackages = Object.keys(trainOptions).filter(
  (name) => name !== "config" && !Object.hasOwn(scriptOptions, name),
);

const epilogue = [
  `Without options: a barrier after every batch (BSP, BATCH), as many workers as the machine has cores, rows dealt by
  lot and visited in a new order each epoch, a fifth of them kept to validate. With a solver file, its learning rule,
  batch, seed and number of iterations hold: epochs = iterations × rows of a batch ÷ training rows, rounded up. The
  batch of a file is that of all workers together: each takes its part of it.`,
  `Ctrl-C ends the training within a second or two and keeps the weights of the last update; a second Ctrl-C ends at
  once.`,
  `A package that "paramserv convert" made is compiled, after npm install there, and its own train.ts runs. It takes the
  same options but for ${notForPackages.map(dashed).join(", ")}, and says itself what holds without them.`,
  `Options may stand in a file paramserv.config.json, .js or .ts in the current directory, or in one that --config names:
  { "learningRate": 0.1, "valData": "test.npz" }. What is typed wins over it.`,
]
  .map((paragraph) => paragraph.replace(/\s+/g, " "))
  .join("\n\n");

const missingModel: Problem = {
  code: "CLI_ARGUMENT_INVALID",
  message: "train takes one MODEL, found none",
  hint: "paramserv train --help shows examples; --resume DIR goes on without",
};

/** Of a run that goes on: the model and the options that it was started with, where none are given. */
function withLaunch(target: string, given: OptionValues<typeof trainOptions>) {
  if (given.resume === undefined) return { target, options: given };
  const resumed = readLaunch(given.resume, { target: target === "" ? undefined : target, options: given });
  const options: typeof given = overlay(trainOptions, resumed.options as typeof given, given);
  return { target: resumed.target, options, resumed };
}

/** Trains a model, or a generated package. */
export const train = defineCommand({
  describe: "Trains a model on your data with parallel workers around a parameter server.",
  target: {
    name: "MODEL",
    describe: `${describeFormats()}, or the directory of a training package; not needed with --resume`,
    optional: true,
  },
  options: trainOptions,
  configurable: true,
  examples: [
    ["$0 train solver.prototxt --data digits.npz", "as the solver says, on all cores"],
    ["$0 train net.prototxt --data rows.csv", "a net without a solver"],
    ["$0 train solver.prototxt --data d.npz -k 4", "four workers"],
    ["$0 train net.prototxt --data d.npz --json", "events for programs"],
    ["$0 train my-lenet --epochs 5", "a package made by convert"],
    ["$0 train net.prototxt --data d.npz --checkpointing EPOCH --out run", "saves what it is after each epoch"],
    ["$0 train --resume run", "goes on from there"],
  ],
  epilogue,
  failure: failureLine,
  run({ target: typed, options: given }) {
    if (typed === "" && given.resume === undefined) throw new UsageError(missingModel);
    const { target, options, resumed } = withLaunch(typed, given);
    const found = statSync(target, { throwIfNoEntry: false });
    if (found === undefined) {
      const message = "found nothing there, expected a model file or the directory of a training package";
      throw new ModelFileError({ code: "MODEL_FILE_MISSING", at: { file: target }, message });
    }
    // The script of a package reads by itself how the run was started.
    if (found.isDirectory()) return trainPackage(target, given);
    const { data } = options;
    if (data === undefined) {
      const hint = "--data FILE names the rows to learn from";
      const problem = {
        code: "CLI_OPTION_MISSING",
        at: { path: "--data" },
        message: "required, and not given",
      } as const;
      throw new UsageError({ ...problem, hint });
    }
    return trainModel({ target, choices: { ...options, data }, resumed });
  },
});
