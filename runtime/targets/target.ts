import type { Graph } from "../graph/types.js";

/** What graphs are compiled for: an engine names the target whose bytes it loads. */
export interface Target {
  readonly name: string;
  /** The last phase, run once over a simplified graph: blocked layouts, operators that the engine is better at. */
  lower(graph: Graph): Graph;
  serialize(graph: Graph): Uint8Array;
  /** What is serialized, as text. Default: the lowered graph as all graphs are printed. */
  dump?(graph: Graph): string;
}
