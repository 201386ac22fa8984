import type { NDArray } from "../../../runtime/array.js";
import { ModelFileError, type Problem } from "../../../runtime/errors.js";
import { hasDefinition } from "../../../runtime/layers/table.js";
import { exportOnnx } from "../../../runtime/program/index.js";
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

/** The network with its trained weights for inference, in one file that any ONNX runtime opens. */
export const onnxTarget: Target<ConvertOptions> = {
  describe: "model.onnx: the network with trained weights, for inference by any ONNX runtime",
  prints: ({ type }) => hasDefinition(type),
  takes: ["from"],
  async emit(model) {
    const weights = model.network.variables.length === 0 ? {} : await readWeights(model);
    return { "model.onnx": exportOnnx(model.network, weights) };
  },
  next: ({ directory }) => [`load ${directory}/model.onnx with onnxruntime, or look at it with netron`],
};
