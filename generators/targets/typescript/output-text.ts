import { definitionOf } from "../../../runtime/layers/table.js";
import { sampleShape } from "../../../runtime/layers/tensors.js";
import type { LayerNode, Scalar, Tensor } from "../../../runtime/layers/types.js";
import { countElements } from "../../../runtime/shape.js";
import { numberOf, placeText, shapeText } from "./literals.js";

const nouns = { float32: "value", int32: "whole number", int64: "whole number", bool: "flag" } as const;

/** What a tensor holds for one sample: `20×24×24`, `10 values`, `one class number` where it holds classes. */
export function typeText({ dtype, shape }: LayerNode["outputs"][number], classes: boolean): string {
  const sample = sampleShape(shape);
  const noun = classes ? "class number" : nouns[dtype];
  if (sample.length === 0) return `one ${noun}`;
  if (sample.length !== 1 && dtype === "float32") return shapeText(sample);
  return `${shapeText(sample)} ${noun}${sample.length === 1 && sample[0] === 1 ? "" : "s"}`;
}

/** What a layer puts out, for a reader: `20×24×24`, `50 values and 20 values` of a layer with two outputs. */
export function outputText(node: LayerNode): string {
  if (node.role === "source" && node.variables.value !== undefined) return shapeText(node.variables.value.shape);
  if (node.role === "loss" || node.role === "metric") return "mean over the batch";
  // A source that knows classes holds their numbers.
  const classes = Object.hasOwn(definitionOf(node.type).options, "classes");
  const texts = node.outputs.map((type) => typeText(type, classes));
  return texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;
}

/** What tensors hold: `64×56×56 and 64×28×28`. */
export function endsText(ends: readonly (Tensor | Scalar)[]): string {
  return ends.map((end) => (end.kind === "scalar" ? outputText(end.layer) : typeText(end, false))).join(" and ");
}

/** What layers that were made together put out and how many parameters they have: `20×24×24 · 520 parameters`. */
export function madeComment(made: readonly LayerNode[], ends: readonly (Tensor | Scalar)[]): string {
  const [only, ...others] = made;
  const text = only !== undefined && others.length === 0 ? outputText(only) : endsText(ends);
  const parameters = countElements(made.flatMap(({ variables }) => Object.values(variables)));
  return parameters === 0 ? text : `${text} · ${numberOf(parameters, "parameter")}`;
}

/** The comment above a layer: `20×24×24 · 520 parameters · lenet.prototxt:12`. */
export function layerComment(node: LayerNode): string {
  return [madeComment([node], []), placeText(node.at)].filter((part) => part !== "").join(" · ");
}
