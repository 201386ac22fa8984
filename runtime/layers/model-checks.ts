import type { ErrorCode, SourceRef } from "../errors.js";
import { countElements } from "../shape.js";
import { show } from "./plain.js";
import { reachableLayers } from "./reachable.js";
import { tensorsOf, titleOf } from "./tensors.js";
import type { LayerNode, Scalar, Tensor, Variable, WeightedLoss } from "./types.js";

/** Above this a flat float32 buffer of all variables no longer fits into one WebAssembly memory of 4 GiB. */
const maximumVariables = 2 ** 30;

/** Collects a problem of the network. */
export type Note = (code: ErrorCode, message: string, extra?: { at?: SourceRef | undefined; hint?: string }) => void;

/** The ends of a network, read and of the right sort. */
export interface Roots {
  readonly inputs: readonly Tensor[];
  readonly labels: readonly Tensor[];
  readonly losses: Readonly<Record<string, WeightedLoss>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly metrics: Readonly<Record<string, Scalar>>;
}

/** All layers of a network: those of the losses, then what metrics and outputs need beside them. */
export function layersOf({ losses, metrics, outputs }: Pick<Roots, "losses" | "metrics" | "outputs">) {
  const scalars = Object.values(losses).map(({ scalar }) => scalar);
  return reachableLayers([...scalars, ...Object.values(metrics), ...Object.values(outputs)]);
}

/** Whether a batch feeds a layer: sources but for variables. */
export const isFed = ({ role, variables }: LayerNode): boolean => role === "source" && variables.value === undefined;

/** Every source is listed, and every listed source is needed. */
export function checkSources(note: Note, roots: Roots, nodes: readonly LayerNode[]): void {
  const listed = new Set([...roots.inputs, ...roots.labels].map(({ layer }) => layer));
  for (const node of nodes) {
    if (!isFed(node) || listed.has(node)) continue;
    const list = node.type === "input" ? "inputs" : "labels";
    const message = `it depends on ${titleOf(node)}, which is not among its ${list}`;
    note("MODEL_SOURCE_UNLISTED", message, { at: node.at, hint: `add it to ${list}, or do not use it` });
  }
  const used = new Set(nodes);
  for (const node of listed) {
    if (used.has(node)) continue;
    const message = `its ${titleOf(node)} is not needed by the loss, outputs or metrics`;
    note("MODEL_SOURCE_UNUSED", message, { at: node.at, hint: "leave it out, or use it" });
  }
}

/** Inference has no labels. */
export function checkOutputs(note: Note, { outputs, labels }: Roots, nodes: readonly LayerNode[]): void {
  // The label that each layer depends on, if it does on one.
  const unknown = new Map(labels.map(({ layer }) => [layer, layer]));
  for (const node of nodes) {
    const label = tensorsOf(node)
      .map(({ layer }) => unknown.get(layer))
      .find((found) => found !== undefined);
    if (label !== undefined) unknown.set(node, label);
  }
  for (const [name, tensor] of Object.entries(outputs)) {
    const label = unknown.get(tensor.layer);
    if (label === undefined) continue;
    const message = `its output "${name}" depends on ${titleOf(label)}, expected inputs only`;
    note("MODEL_OUTPUT_NEEDS_LABEL", message, { at: tensor.layer.at, hint: "labels are not known in inference" });
  }
}

/** Sources, variables and scalars share one space of names in the program; layers have their own. */
export function checkNames(note: Note, roots: Roots, nodes: readonly LayerNode[]): void {
  const layerNames = new Map<string, LayerNode>();
  const programNames = new Map<string, string>([["loss", "the loss"]]);
  const claim = (name: string, what: string, at?: SourceRef) => {
    const owner = programNames.get(name);
    if (owner !== undefined) note("MODEL_NAME_DUPLICATE", `${what} has the name of ${owner}, expected another`, { at });
    programNames.set(name, what);
  };
  for (const node of nodes) {
    if (!node.named) continue;
    const other = layerNames.get(node.name);
    if (other !== undefined) {
      const message = `it has two layers named ${show(node.name)} (${other.type} and ${node.type}), expected unique names`;
      note("MODEL_NAME_DUPLICATE", message, { at: node.at });
      continue;
    }
    layerNames.set(node.name, node);
    if (isFed(node)) claim(node.name, titleOf(node), node.at);
    for (const { name } of Object.values(node.variables)) claim(name, `parameter "${name}"`, node.at);
  }
  for (const name of Object.keys(roots.outputs)) {
    if (programNames.has(name) && name !== "loss") claim(name, `output "${name}"`);
  }
  // One loss is the total and may be called so.
  const losses = Object.keys(roots.losses);
  for (const name of losses) if (name !== "loss" || losses.length > 1) claim(name, `loss "${name}"`);
  for (const name of Object.keys(roots.metrics)) claim(name, `metric "${name}"`);
}

export function checkSize(note: Note, variables: readonly Variable[]): void {
  const size = countElements(variables);
  if (size > maximumVariables) {
    note("MODEL_SIZE_TOO_LARGE", `it has ${size} parameters, expected at most ${maximumVariables}`);
  }
}
