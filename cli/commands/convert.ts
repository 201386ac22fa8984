import { existsSync } from "node:fs";
import { join } from "node:path";
import { describeFormats, importModel } from "../../generators/index.js";
import {
  convertModel,
  type GeneratedFiles,
  staleFiles,
  targetNames,
  targets,
  writeFiles,
} from "../../generators/targets/index.js";
import { openWeights } from "../../generators/weights.js";
import { formatNote } from "../../runtime/errors.js";
import { installationRoot } from "../../runtime/installation.js";
import { defineCommand } from "../command.js";
import { type ExitCode, exitCodes } from "../exit.js";
import { checkOutputDirectory } from "../output-directory.js";
import { seenFrom } from "../paths.js";
import { dataOptions, inputShapeOption, trainingOptions } from "../training-options.js";
import { say, writeProduct } from "../ui.js";

function report(directory: string, files: GeneratedFiles, next: readonly string[]): void {
  const names = Object.keys(files).map((file) => join(directory, file));
  writeProduct(names.join("\n"));
  say(["", ...next].join("\n"));
}

function check(directory: string, files: GeneratedFiles): ExitCode {
  const stale = staleFiles(directory, files);
  for (const { path, state } of stale)
    writeProduct(`${state === "missing" ? "missing" : "stale  "}  ${join(directory, path)}`);
  if (stale.length === 0) {
    say(`${directory} is up to date`);
    return exitCodes.done;
  }
  say(`${directory} is not what this model and these options give; run convert without --check to write it anew`);
  return exitCodes.stale;
}

const defaultTarget = "typescript";

/** Converts a model to a row of the target table. */
export const convert = defineCommand({
  describe: "Converts a model: to a TypeScript training package to read, edit and run, or to another target.",
  target: { name: "MODEL", describe: describeFormats() },
  options: {
    out: { kind: "text", placeholder: "DIR", alias: "o", required: true, describe: "directory of what is made" },
    target: {
      kind: "choice",
      choices: targetNames,
      describe: "what to convert to",
      default: defaultTarget,
    },
    data: { kind: "text", placeholder: "FILE", describe: "data file that npm start trains on unless told otherwise" },
    labels: { kind: "text", placeholder: "FILE", describe: "labels, if the data file does not hold them" },
    runtime: {
      kind: "text",
      placeholder: "SPEC",
      describe: "where npm finds paramserv, such as ^0.1.0",
      default: "this installation, as a file: path",
    },
    ...inputShapeOption,
    from: {
      kind: "text",
      placeholder: "WEIGHTS",
      describe: "trained weights: a result's folder, .safetensors or a model file with weights",
      default: "the model file's own",
    },
    check: { kind: "flag", describe: "write nothing; exit 1 and list the files that would change" },
    force: { kind: "flag", describe: "write into a directory that holds other files, and over edited ones" },
    validation: { ...dataOptions.validation, group: trainingOptions.epochs.group },
    ...trainingOptions,
  },
  epilogue: "Then, in the package: npm install && npm start",
  examples: [
    ["$0 convert solver.prototxt -o my-net", "a package in my-net"],
    ["$0 convert net.prototxt -o my-net -k 4", "with other defaults"],
    ["$0 convert net.prototxt -o my-net --check", "in CI: is the package up to date?"],
  ],
  async run({ target: model, options }) {
    const {
      target = defaultTarget,
      out: directory,
      runtime,
      from,
      data,
      labels,
      check: checks,
      force,
      "input-shape": inputShape,
      ...defaults
    } = options;
    if (!checks) checkOutputDirectory(directory, { force: true });
    const read = await importModel(model, inputShape === undefined ? {} : { inputShape });
    const imported = from === undefined ? read : { ...read, weights: await openWeights(from) };
    const files = await convertModel(imported, target, {
      runtime: runtime ?? `file:${seenFrom(directory, installationRoot())}`,
      ...(data === undefined ? {} : { dataFile: seenFrom(directory, data) }),
      ...(labels === undefined ? {} : { labels: seenFrom(directory, labels) }),
      ...defaults,
    });
    for (const note of imported.notes) say(formatNote(note));
    if (checks) return check(directory, files);
    writeFiles(directory, files, { force: force ?? false });
    if (data !== undefined && !existsSync(data)) say(`${data} does not exist yet; npm start will look for it`);
    report(directory, files, targets[target].next({ directory, hasData: data !== undefined }));
    return exitCodes.done;
  },
});
