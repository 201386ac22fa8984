import { internalError } from "../errors.js";
import type { LayerNode, Tensor } from "./types.js";

/** What a layer is in its network. */
export type LayerRole = "source" | "layer" | "loss" | "metric";

interface LayerRecord {
  readonly order: number;
  readonly named: boolean;
  readonly role: LayerRole;
}

// Only the order of layers of one network is ever compared, so what was made before does not matter.
const records = new WeakMap<LayerNode, LayerRecord>();
let made = 0;

/** Remembers a layer that was made just now. */
export function recordLayer(node: LayerNode, { named, role }: Pick<LayerRecord, "named" | "role">): void {
  records.set(node, { order: made++, named, role });
}

/** When a layer was made, whether its name was given, and what it is in its network. */
export function recordOf(node: LayerNode): LayerRecord {
  const record = records.get(node);
  if (record === undefined) throw internalError(`the layer "${node.name}" was not made by a layer function`);
  return record;
}

/** The same layer under another name and with other inputs. */
export function renameLayer(node: LayerNode, name: string, inputs: readonly Tensor[]): LayerNode {
  const layer: LayerNode = Object.freeze({ ...node, name, inputs: Object.freeze([...inputs]) });
  records.set(layer, { ...recordOf(node), named: true });
  return layer;
}

export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "layer" in value && records.has(value.layer as LayerNode);
}

/** How messages call a layer: `layer "conv1" (conv2d)`, or `layer relu` while it has no name. */
export function titleOf(type: string, name: string | undefined): string {
  return name === undefined ? `layer ${type}` : `layer ${JSON.stringify(name)} (${type})`;
}
