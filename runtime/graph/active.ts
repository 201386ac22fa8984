import { usedBy } from "./captures.js";
import { operatorOf } from "./infer.js";
import type { GraphNode } from "./types.js";

/** The names of the float values that depend on one of `wrt` (names) in a way through which gradients flow. */
export function activeValues(nodes: readonly GraphNode[], wrt: Iterable<string>): ReadonlySet<string> {
  const active = new Set(wrt);
  for (const node of nodes) {
    if (operatorOf(node).gradient === "stops") continue;
    if (!usedBy(node).some(({ name }) => active.has(name))) continue;
    for (const output of node.outputs) if (output.dtype === "float32") active.add(output.name);
  }
  return active;
}
