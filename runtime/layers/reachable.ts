import { tensorsOf } from "./tensors.js";
import type { LayerNode } from "./types.js";

/**
 * All layers that these need and these themselves, each once and after those that it takes: depth first, each layer's
 * inputs in order, then its options that are tensors. Without recursion, since networks may be deep.
 */
export function reachableLayers(roots: readonly { readonly layer: LayerNode }[]): readonly LayerNode[] {
  const done = new Set<LayerNode>();
  // Layers under way, and how many of what each takes have been looked at.
  const path: { readonly layer: LayerNode; readonly takes: readonly LayerNode[]; next: number }[] = [];
  const enter = (layer: LayerNode) => {
    if (!done.has(layer)) path.push({ layer, takes: tensorsOf(layer).map((tensor) => tensor.layer), next: 0 });
  };
  for (const { layer } of roots) {
    enter(layer);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const needed = top.takes[top.next++];
      if (needed !== undefined) {
        enter(needed);
        continue;
      }
      done.add(top.layer);
      path.pop();
    }
  }
  return [...done];
}
