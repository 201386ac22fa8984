import { recordOf, renameLayer } from "./records.js";
import type { LayerNode, Tensor } from "./types.js";

/** The layers of one network under their final names. */
export interface NamedLayers {
  readonly get: (tensor: Tensor) => Tensor;
  readonly layer: (node: LayerNode) => LayerNode;
}

/** Counts the layers of each type and gives numbers that no given name has taken. */
function numbering(nodes: readonly LayerNode[]): (node: LayerNode) => string {
  const taken = new Set(nodes.filter((node) => recordOf(node).named).map(({ name }) => name));
  const counts = new Map<string, number>();
  return ({ type }) => {
    let count = counts.get(type) ?? 0;
    do count += 1;
    while (taken.has(`${type}${count}`));
    counts.set(type, count);
    return `${type}${count}`;
  };
}

/**
 * Numbers the layers without a name, in order. A layer whose name and inputs stay as they are stays itself; the others
 * are made anew, so that the same tensors can go into several networks.
 */
export function nameLayers(nodes: readonly LayerNode[]): NamedLayers {
  const nameOf = numbering(nodes);
  const renamed = new Map<LayerNode, LayerNode>();
  const layer = (node: LayerNode): LayerNode => renamed.get(node) ?? node;
  const get = (tensor: Tensor): Tensor => {
    const now = layer(tensor.layer);
    return now === tensor.layer ? tensor : Object.freeze({ ...tensor, name: now.name, layer: now });
  };
  for (const node of nodes) {
    const inputs = node.inputs.map(get);
    const same = inputs.every((tensor, index) => tensor === node.inputs[index]);
    if (recordOf(node).named && same) continue;
    renamed.set(node, renameLayer(node, recordOf(node).named ? node.name : nameOf(node), inputs));
  }
  return { get, layer };
}
