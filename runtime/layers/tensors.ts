import { internalError } from "../errors.js";
import type { Dim } from "../graph/types.js";
import { show } from "./plain.js";
import type { LayerNode, Scalar, Shape, Tensor, Variable } from "./types.js";

function hasLayer(value: unknown, kind: string): boolean {
  if (typeof value !== "object" || value === null || !("kind" in value) || value.kind !== kind) return false;
  if (!("layer" in value) || typeof value.layer !== "object" || value.layer === null) return false;
  return "kind" in value.layer && value.layer.kind === "layer";
}

/** Whether a value is a tensor, made by this copy of the package or another. */
export function isTensor(value: unknown): value is Tensor {
  return hasLayer(value, "tensor");
}

/** Whether a value is a loss or metric, made by this copy of the package or another. */
export function isScalar(value: unknown): value is Scalar {
  return hasLayer(value, "scalar");
}

/** All tensors that a layer takes: its inputs, then options that are tensors. */
export function tensorsOf(node: LayerNode): readonly Tensor[] {
  return [...node.inputs.filter(isTensor), ...Object.values(node.tensors)];
}

/** All outputs of a layer as tensors. */
export function tensorsFrom(layer: LayerNode): readonly Tensor[] {
  const tensors = layer.outputs.map(
    ({ dtype, shape }, index): Tensor => Object.freeze({ kind: "tensor", layer, index, dtype, shape }),
  );
  return Object.freeze(tensors);
}

/** The first of a layer's outputs. */
export function firstOf(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  if (first === undefined) throw internalError("a layer has no output");
  return first;
}

/** The variable that a tensor is, if a source made by {@link variable} gave it. */
export function variableOf(tensor: Tensor): Variable | undefined {
  return tensor.layer.role === "source" ? tensor.layer.variables.value : undefined;
}

/** What readers call a tensor: its layer's name, `split1.1` where that has several outputs. */
export function nameOf({ layer, index }: Tensor): string {
  return layer.outputs.length > 1 ? `${layer.name}.${index}` : layer.name;
}

/** How messages call a layer: `layer "conv1" (conv2d)`, or `layer relu` while it has no name. */
export function titleOf({ type, name, named }: Pick<LayerNode, "type" | "name" | "named">): string {
  return named ? `layer ${JSON.stringify(name)} (${type})` : `layer ${type}`;
}

/** The shape of one sample, the batch left out: what readers see. */
export function sampleShape(shape: Shape): Shape {
  return shape[0] === "N" ? shape.slice(1) : shape;
}

/** A shape as readers see it: `[20, 24, 24]`. */
export function formatSample(shape: readonly Dim[]): string {
  return `[${sampleShape(shape).join(", ")}]`;
}

/** A tensor for a message: `"pool1" (float32 [20, 12, 12])`. */
export function describeTensor(value: Tensor | Scalar): string {
  if (value.kind === "scalar") return `${show(value.layer.name)} (one number for the whole batch)`;
  return `${show(nameOf(value))} (${value.dtype} ${formatSample(value.shape)})`;
}
