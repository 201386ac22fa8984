import { describeFormats, importModel } from "../../generators/index.js";
import { isDirectory } from "../../runtime/directories.js";
import { ModelFileError } from "../../runtime/errors.js";
import { defineCommand } from "../command.js";
import { describeFailure, describeModel, formatModel, type ModelDescription } from "../describe.js";
import { dumpNetwork } from "../dump.js";
import { type ExitCode, exitCodes } from "../exit.js";
import { describeResult, formatResult, isResultDirectory, type ResultDescription } from "../inspect-result.js";
import type { OptionTable, OptionValues } from "../options.js";
import { loadPackageModel } from "../package-model.js";
import { checkPictureFiles, pictureOptions, wantsPicture, writePictures } from "../picture-files.js";
import { inputShapeOption } from "../training-options.js";
import { writeProduct } from "../ui.js";

/** Indented JSON, with lists of numbers on one line. A line end inside a text is escaped, so none is taken for one. */
function formatJson(description: ModelDescription | ResultDescription): string {
  const text = JSON.stringify(description, null, 2);
  return `${text.replace(/\[\n\s+([-\d.,\s]+?)\n\s*\]/g, (_, numbers: string) => `[${numbers.replace(/\s+/g, " ")}]`)}\n`;
}

const options = {
  json: { kind: "flag", describe: "print one JSON object, also for a model that cannot be read" },
  ...inputShapeOption,
  dump: {
    kind: "text",
    placeholder: "STAGE | all",
    describe: "print what the model is compiled to, stage by stage",
  },
  ...pictureOptions,
} as const satisfies OptionTable;

type Choices = OptionValues<typeof options>;

/** A result folder holds weights, not layers. */
async function inspectResult(directory: string, given: Choices): Promise<ExitCode> {
  const names = (["dump", "svg", "html"] as const).filter((name) => given[name] !== undefined);
  if (names.length > 0) {
    const message = `found a folder of training results, expected a model: it holds no layers for --${names.join(" and --")}`;
    const hint = "give the model file or the training package that it was trained from";
    throw new ModelFileError({ code: "CLI_OPTION_INVALID", at: { file: directory }, message, hint });
  }
  const result = await describeResult(directory);
  if (given.json) writeProduct(formatJson(result));
  else writeProduct(formatResult(directory, result));
  return exitCodes.done;
}

async function inspectModel(target: string, given: Choices): Promise<ExitCode> {
  const inputShape = given["input-shape"];
  const model = isDirectory(target)
    ? await loadPackageModel(target)
    : await importModel(target, { standardInput: true, ...(inputShape === undefined ? {} : { inputShape }) });
  if (model === undefined) return exitCodes.interrupted;
  if (given.dump !== undefined) writeProduct(dumpNetwork(model.network, given.dump));
  else if (given.json) writeProduct(formatJson(describeModel(model)));
  else if (!wantsPicture(given)) writeProduct(formatModel(model));
  await writePictures(model, given);
  return exitCodes.done;
}

/** Reads a model and says what is in it. */
export const inspect = defineCommand({
  describe: "Shows the layers, shapes and parameters of a model, and what is wrong with it; draws it.",
  target: {
    name: "MODEL",
    describe: `${describeFormats()}, - for one on stdin, or the directory of a training package or of a training's results`,
  },
  options,
  examples: [
    ["$0 inspect lenet_solver.prototxt", "the layers as a table"],
    ["$0 inspect net.prototxt --input-shape 1,8,8", "if its data layer gives no shape"],
    ["$0 inspect net.prototxt --json", "for programs"],
    ["$0 inspect net.prototxt --html net.html", "a page with a picture of the layers"],
    ["$0 inspect net.prototxt --dump gradients", "the graph with its backward pass"],
    ["$0 inspect ./my-lenet", "the network of a training package, as its model.ts is now"],
    ["$0 inspect ./lenet-trained", "the weights that training wrote"],
  ],
  failure: (problems) => formatJson(describeFailure(problems)),
  run({ target, options: given }) {
    checkPictureFiles(given, given.dump !== undefined ? "--dump" : given.json ? "--json" : undefined);
    return isResultDirectory(target) ? inspectResult(target, given) : inspectModel(target, given);
  },
});
