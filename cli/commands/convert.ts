import { existsSync } from "node:fs";
import { join } from "node:path";
import { describeFormats, importModel } from "../../generators/index.js";
import {
  type ConvertOptions,
  convertModel,
  convertRows,
  type GeneratedFiles,
  staleFiles,
  type TargetName,
  targetNames,
  targets,
  writeFiles,
} from "../../generators/targets/index.js";
import { openWeights } from "../../generators/weights.js";
import { formatNote, type Problem, UsageError } from "../../runtime/errors.js";
import { installationRoot, installedVersion } from "../../runtime/installation.js";
import { camelCase, codeValues } from "../../runtime/options/row.js";
import { checkOutputDirectory } from "../../runtime/output-directory.js";
import { defineCommand } from "../command.js";
import { type ExitCode, exitCodes } from "../exit.js";
import { dashed, type OptionRow, type OptionTable, type OptionValues } from "../options.js";
import { seenFrom } from "../paths.js";
import { runtimeSpec } from "../runtime-spec.js";
import { inputShapeOption } from "../training-options.js";
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

const options = {
  out: { kind: "directory", placeholder: "DIR", alias: "o", required: true, describe: "directory of what is made" },
  target: {
    kind: "choice",
    choices: targetNames,
    describe: `what to convert to: ${targetNames.map((name) => `${name}, ${targets[name].describe}`).join("; ")}`,
    default: defaultTarget,
  },
  runtime: {
    kind: "text",
    placeholder: "SPEC",
    describe: "where npm finds paramserv, such as ^0.1.0",
    default: "this version, or this installation as a file where it is not from a registry",
  },
  ...inputShapeOption,
  check: { kind: "flag", describe: "write nothing; exit 1 and list the files that would change" },
  force: { kind: "flag", describe: "write into a directory that holds other files, and over edited ones" },
  ...convertRows,
} as const satisfies OptionTable;

type Choices = OptionValues<typeof options>;

/** Options that would have no effect on what this target makes. */
function targetProblems(target: TargetName, given: Choices): readonly Problem[] {
  const { takes } = targets[target];
  return Object.keys({ ...convertRows, runtime: options.runtime })
    .filter((name) => name in given && !takes.some((taken) => taken === camelCase(name)))
    .map((name): Problem => {
      const message = `the target ${target} has no use for it`;
      return { code: "CLI_OPTION_INVALID", at: { path: dashed(name) }, message, hint: "leave it out" };
    });
}

/** What the product says, with files as they are seen from it. */
function convertOptions(directory: string, choices: Choices): ConvertOptions {
  const entries = Object.entries(choices).map(([name, value]): readonly [string, unknown] => {
    const row: OptionRow | undefined = Object.hasOwn(options, name) ? options[name as keyof typeof options] : undefined;
    return [name, row?.kind === "file" ? seenFrom(directory, String(value)) : value];
  });
  const installed = { root: installationRoot(), version: installedVersion() };
  const runtime = choices.runtime ?? runtimeSpec(directory, installed);
  return { ...codeValues(convertRows, Object.fromEntries(entries)), runtime };
}

/** Data files that are not there yet are no error: packages may be made first. */
function sayMissing(files: readonly (string | undefined)[]): void {
  for (const file of files) {
    if (file !== undefined && !existsSync(file)) say(`${file} does not exist yet; npm start will look for it`);
  }
}

/** Converts a model to a row of the target table. */
export const convert = defineCommand({
  describe: "Converts a model: to a TypeScript training package to read, edit and run, or to another target.",
  target: { name: "MODEL", describe: describeFormats() },
  options,
  epilogue: "Then, in the package: npm install && npm start",
  examples: [
    ["$0 convert solver.prototxt -o my-net", "a package in my-net"],
    ["$0 convert net.prototxt -o my-net -k 4", "with other defaults"],
    ["$0 convert net.prototxt -o my-net --data digits.csv --sample-shape 8,8", "on data of another size"],
    ["$0 convert net.prototxt -o my-net --check", "in CI: is the package up to date?"],
  ],
  async run({ target: model, options: choices }) {
    const { target = defaultTarget, out: directory, data, check: checks, force = false } = choices;
    const problems = targetProblems(target, choices);
    if (problems.length > 0) throw new UsageError(problems);
    if (!checks) checkOutputDirectory(directory, { force: true });
    const inputShape = choices["input-shape"];
    const read = await importModel(model, inputShape === undefined ? {} : { inputShape });
    const imported = choices.from === undefined ? read : { ...read, weights: await openWeights(choices.from) };
    const files = await convertModel(imported, target, convertOptions(directory, choices));
    for (const note of imported.notes) say(formatNote(note));
    if (checks) return check(directory, files);
    writeFiles(directory, files, { force });
    sayMissing([data, choices.labels, choices["val-data"], choices["val-labels"]]);
    report(directory, files, targets[target].next({ directory, hasData: data !== undefined }));
    return exitCodes.done;
  },
});
