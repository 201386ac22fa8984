import { preparationText } from "../data/preparation.js";
import { sampleShape } from "../layers/tensors.js";
import type { Network } from "../layers/types.js";
import type { ResultRecord } from "./record.js";

type About = Omit<ResultRecord, "files" | "evaluation">;

/** What the run was, as texts by key: for the safetensors file, and first of all for {@link onnxMetadata}. */
export function runMetadata({ paramserv, network, sources, status, epochs, kept, options, program }: About) {
  return {
    network,
    source_files: sources.join(", "),
    paramserv_version: paramserv,
    status,
    epochs: String(epochs),
    updates: `${kept.update} of ${kept.updates}`,
    seed: String(options.seed),
    ...(program === undefined ? {} : { program_sha256: program }),
  };
}

/** What `model.onnx` says of itself (onnx.proto, ModelProto.metadata_props). */
export function onnxMetadata(about: About): Readonly<Record<string, string>> {
  return { ...runMetadata(about), ...preparationMetadata(about) };
}

/** How rows are prepared and what classes are called, as texts by key. */
export function preparationMetadata({ preparation, classNames }: Pick<About, "preparation" | "classNames">) {
  const steps = Object.entries(preparation).map(([name, one]) => `${name}: ${preparationText(one)}`);
  return {
    preparation: steps.length === 0 ? "none: rows are as the network takes them" : steps.join("; "),
    preparation_json: JSON.stringify(preparation),
    ...(Object.keys(classNames).length === 0 ? {} : { class_names: JSON.stringify(classNames) }),
  };
}

/** How inputs are taken where nothing is known of the data: as the network takes them. */
export function plainPreparation({ inputs }: Network): ResultRecord["preparation"] {
  return Object.fromEntries(
    inputs.map(({ layer, dtype, shape: whole }) => {
      const shape = sampleShape(whole);
      const as = { rows: shape, sample: shape, shape };
      return [layer.name, { ...as, dtype, channelsLast: false, scale: 1, mean: [0] }];
    }),
  );
}
