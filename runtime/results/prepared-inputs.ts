import type { Preparation } from "../data/preparation.js";
import { prepareInGraph } from "../data/prepare-graph.js";
import type { InputMaker } from "../program/lower.js";

/** Inputs that are rows as a data file has them, and what makes of them what the network takes: for `exportOnnx`. */
export function preparedInputs(preparation: Preparation): InputMaker {
  return (g, input, name) => {
    const prepared = preparation[input.layer.name];
    if (prepared === undefined) return g.input(name, input.dtype, input.shape);
    const rows = g.input(name, input.dtype, ["N", ...prepared.rows]);
    return g.within("prepare", undefined, () => prepareInGraph(g, rows, prepared));
  };
}
