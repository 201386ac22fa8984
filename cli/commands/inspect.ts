import { describeFormats, importModel } from "../../generators/index.js";
import { defineCommand } from "../command.js";
import { describeFailure, describeModel, formatModel, type ModelDescription } from "../describe.js";
import { dumpNetwork } from "../dump.js";
import { exitCodes } from "../exit.js";
import { isDirectory, loadPackageModel } from "../package-model.js";
import { inputShapeOption } from "../training-options.js";
import { writeProduct } from "../ui.js";

/** Indented JSON, with lists of numbers on one line. A line end inside a text is escaped, so none is taken for one. */
function formatJson(description: ModelDescription): string {
  const text = JSON.stringify(description, null, 2);
  return `${text.replace(/\[\n\s+([-\d.,\s]+?)\n\s*\]/g, (_, numbers: string) => `[${numbers.replace(/\s+/g, " ")}]`)}\n`;
}

/** Reads a model and says what is in it. */
export const inspect = defineCommand({
  describe: "Shows the layers, shapes and parameters of a model, and what is wrong with it.",
  target: { name: "MODEL", describe: `${describeFormats()}, or the directory of a training package` },
  options: {
    json: { kind: "flag", describe: "print one JSON object, also for a model that cannot be read" },
    ...inputShapeOption,
    dump: {
      kind: "text",
      placeholder: "STAGE | all",
      describe: "print what the model is compiled to, stage by stage",
    },
  },
  examples: [
    ["$0 inspect lenet_solver.prototxt", "the layers as a table"],
    ["$0 inspect net.prototxt --input-shape 1,8,8", "if its data layer gives no shape"],
    ["$0 inspect net.prototxt --json", "for programs"],
    ["$0 inspect net.prototxt --dump gradients", "the graph with its backward pass"],
    ["$0 inspect ./my-lenet", "the network of a training package, as its model.ts is now"],
  ],
  failure: (problems) => formatJson(describeFailure(problems)),
  async run({ target, options }) {
    const inputShape = options["input-shape"];
    const model = isDirectory(target)
      ? await loadPackageModel(target)
      : await importModel(target, inputShape === undefined ? {} : { inputShape });
    if (model === undefined) return exitCodes.interrupted;
    if (options.dump !== undefined) writeProduct(dumpNetwork(model.network, options.dump));
    else if (options.json) writeProduct(formatJson(describeModel(model)));
    else writeProduct(formatModel(model));
    return exitCodes.done;
  },
});
