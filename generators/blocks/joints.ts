import type { LayerNode } from "../../runtime/layers/types.js";
import { limits, type Wiring } from "./repeats.js";

/** Where the branches of a network meet. */
export interface Joints {
  /** Whether one tensor at most goes from the layers before this index to those after. */
  isJoint(index: number): boolean;
  /** How many branching parts begin among these layers: parts between two joints that have no joint within. */
  branchings(start: number, length: number): number;
}

/**
 * Finds the joints of a network. Sources do not count, and neither do uses that are further away than the longest block:
 * no block could hold them.
 */
export function jointsOf(layers: readonly LayerNode[], wiring: Wiring): Joints {
  const lastUse = new Map<string, { readonly made: number; last: number }>();
  for (const [user, taken] of wiring.entries()) {
    for (const { layer, output } of taken) {
      if (layers[layer]?.role === "source" || user - layer > limits.longest) continue;
      const key = `${layer}.${output}`;
      const use = lastUse.get(key);
      if (use === undefined) lastUse.set(key, { made: layer, last: user });
      else use.last = user;
    }
  }
  const change = new Int32Array(layers.length + 2);
  for (const { made, last } of lastUse.values()) {
    change[made + 1] = (change[made + 1] ?? 0) + 1;
    change[last + 1] = (change[last + 1] ?? 0) - 1;
  }
  const crossing = change.map((_, index) => index);
  let now = 0;
  for (let index = 0; index < crossing.length; index++) {
    now += change[index] ?? 0;
    crossing[index] = now;
  }
  const isJoint = (index: number): boolean => (crossing[index] ?? 0) <= 1;
  const begun = new Int32Array(layers.length + 1);
  for (let index = 0; index < layers.length; index++) {
    const begins = isJoint(index) && !isJoint(index + 1);
    begun[index + 1] = (begun[index] ?? 0) + (begins ? 1 : 0);
  }
  return {
    isJoint,
    branchings: (start, length) => (begun[start + length - 1] ?? 0) - (begun[start] ?? 0),
  };
}
