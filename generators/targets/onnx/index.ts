import { basename } from "node:path";
import type { NDArray } from "../../../runtime/array.js";
import type { Preparation } from "../../../runtime/data/preparation.js";
import { ModelFileError, type Problem } from "../../../runtime/errors.js";
import { installedVersion } from "../../../runtime/installation.js";
import { hasDefinition } from "../../../runtime/layers/table.js";
import { exportOnnx } from "../../../runtime/program/index.js";
import { plainPreparation, preparationMetadata } from "../../../runtime/results/metadata.js";
import { preparedInputs } from "../../../runtime/results/prepared-inputs.js";
import type { ImportedModel } from "../../imported.js";
import type { ConvertOptions } from "../convert-options.js";
import type { Target } from "../target.js";

/** Every weight of the network; a deployed network has all of them from the file. */
async function readWeights({ network, weights, files }: ImportedModel) {
  const known = new Set(weights?.entries.map(({ name }) => name));
  const missing = network.variables.filter(({ name }) => !known.has(name));
  if (weights === undefined || missing.length > 0) {
    const file = weights?.file ?? files[0];
    const names = missing.map(({ name }) => name).slice(0, 5);
    const more = missing.length > names.length ? ` and ${missing.length - names.length} more` : "";
    const problem: Problem = {
      code: "TARGET_WEIGHTS_MISSING",
      message: `found no weights for ${names.join(", ")}${more}, expected all ${network.variables.length} arrays`,
      hint: "--from FILE names trained weights",
    };
    throw new ModelFileError(file === undefined ? problem : { ...problem, at: { file } });
  }
  const arrays: Record<string, NDArray<Float32Array>> = {};
  for (const { name } of network.variables) arrays[name] = await weights.read(name);
  return arrays;
}

/** Scale and mean of the model's files, in front of the network: rows as its data had them go in. */
function preparationOf({ network, data }: ImportedModel): Preparation {
  const plain = Object.entries(plainPreparation(network)).map(([name, one]) => {
    const { scale = one.scale, mean = one.mean } = data.preprocessing[name] ?? {};
    return [name, { ...one, scale, mean }] as const;
  });
  return Object.fromEntries(plain);
}

function deploymentMetadata({ name, files, data }: ImportedModel, preparation: Preparation) {
  return {
    network: name,
    source_files: files.map((file) => basename(file)).join(", "),
    paramserv_version: installedVersion(),
    ...preparationMetadata({ preparation, classNames: data.classNames ?? {} }),
  };
}

/** The network with its trained weights for inference, in one file that any ONNX runtime opens. */
export const onnxTarget: Target<ConvertOptions> = {
  describe: "model.onnx: the network with trained weights, for inference by any ONNX runtime",
  prints: ({ type }) => hasDefinition(type),
  takes: ["from"],
  async emit(model) {
    const weights = model.network.variables.length === 0 ? {} : await readWeights(model);
    const preparation = preparationOf(model);
    const input = preparedInputs(preparation);
    const metadata = deploymentMetadata(model, preparation);
    return {
      "model.onnx": exportOnnx(model.network, weights, { input, metadata, producerVersion: installedVersion() }),
    };
  },
  next: ({ directory }) => [`load ${directory}/model.onnx with onnxruntime, or look at it with netron`],
};
