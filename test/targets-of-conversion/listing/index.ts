import type { Target } from "../../../generators/targets/index.js";
import type { LayerNode } from "../../../runtime/layers/index.js";

/** How the listing writes a layer, by its type: what is not here cannot be printed. */
const printers: Readonly<Record<string, (layer: LayerNode) => string>> = {
  dense: ({ name, options }) => `${name}: ${JSON.stringify(options)}`,
  input: ({ name }) => `input ${name}`,
  label: ({ name }) => `label ${name}`,
  softmaxCrossEntropy: ({ name }) => `loss ${name}`,
};

/** A target of tests: the layers as lines of one text. */
export const listingTarget: Target<object> = {
  describe: "listing.txt: a line for each layer",
  prints: ({ type }) => Object.hasOwn(printers, type),
  takes: [],
  emit: ({ network }) => ({
    "listing.txt": network.layers.map((layer) => `${printers[layer.type]?.(layer) ?? ""}\n`).join(""),
  }),
  next: ({ directory }) => [`read ${directory}/listing.txt`],
};
