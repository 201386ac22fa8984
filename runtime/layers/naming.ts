import { isTensor } from "./tensors.js";
import type { LayerNode, Tensor, Variable } from "./types.js";

/** The layers of one network under their final names. */
export interface NamedLayers {
  /** What stands for a tensor or scalar, its layer named. */
  readonly get: <T extends { readonly layer: LayerNode }>(end: T) => T;
  readonly layer: (node: LayerNode) => LayerNode;
}

/** Counts the layers of each type and gives numbers that no given name has taken. */
function numbering(nodes: readonly LayerNode[]): (node: LayerNode) => string {
  const taken = new Set(nodes.filter(({ named }) => named).map(({ name }) => name));
  const counts = new Map<string, number>();
  return ({ type }) => {
    let count = counts.get(type) ?? 0;
    do count += 1;
    while (taken.has(`${type}${count}`));
    counts.set(type, count);
    return `${type}${count}`;
  };
}

/** The variables of a layer, named after it. */
function namedAfter(name: string, variables: LayerNode["variables"]): LayerNode["variables"] {
  const entries = Object.entries(variables).map(([short, variable]): [string, Variable] => [
    short,
    Object.freeze({ ...variable, name: `${name}.${short}` }),
  ]);
  return Object.freeze(Object.fromEntries(entries));
}

const sameTensors = (left: LayerNode, right: Pick<LayerNode, "inputs" | "tensors">): boolean =>
  left.inputs.every((input, index) => input === right.inputs[index]) &&
  Object.entries(left.tensors).every(([key, tensor]) => tensor === right.tensors[key]);

/**
 * Numbers the layers without a name, in order. A layer whose name and tensors stay as they are stays itself; the others
 * are made anew, so that the same tensors can go into several networks.
 */
export function nameLayers(nodes: readonly LayerNode[]): NamedLayers {
  const nameOf = numbering(nodes);
  const renamed = new Map<LayerNode, LayerNode>();
  const layer = (node: LayerNode): LayerNode => renamed.get(node) ?? node;
  const get = <T extends { readonly layer: LayerNode }>(end: T): T => {
    const now = layer(end.layer);
    return now === end.layer ? end : Object.freeze({ ...end, layer: now });
  };
  for (const node of nodes) {
    const inputs = Object.freeze(node.inputs.map((input) => (isTensor(input) ? get(input) : input)));
    const entries = Object.entries(node.tensors).map(([key, tensor]): [string, Tensor] => [key, get(tensor)]);
    const tensors = Object.freeze(Object.fromEntries(entries));
    if (node.named && sameTensors(node, { inputs, tensors })) continue;
    const name = node.named ? node.name : nameOf(node);
    const variables = node.named ? node.variables : namedAfter(name, node.variables);
    renamed.set(node, Object.freeze({ ...node, name, named: true, inputs, tensors, variables }));
  }
  return { get, layer };
}
