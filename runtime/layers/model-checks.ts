import type { ErrorCode, SourceRef } from "../errors.js";
import { countElements } from "../shape.js";
import { show } from "./plain.js";
import { recordOf, titleOf } from "./records.js";
import type { LayerNode, Tensor } from "./types.js";

/** Above this a flat float32 buffer of all parameters no longer fits into one WebAssembly memory of 4 GiB. */
const maximumParameters = 2 ** 30;

/** Collects a problem of the network. */
export type Note = (code: ErrorCode, message: string, extra?: { at?: SourceRef | undefined; hint?: string }) => void;

/** The ends of a network, read and of the right sort. */
export interface Roots {
  readonly inputs: readonly Tensor[];
  readonly labels: readonly Tensor[];
  readonly loss: Tensor | undefined;
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly metrics: Readonly<Record<string, Tensor>>;
}

/** All layers that these tensors need, in the order they were made (which is one they can be executed in). */
export function reachableLayers(tensors: readonly Tensor[]): readonly LayerNode[] {
  const found = new Set<LayerNode>();
  const waiting = tensors.map(({ layer }) => layer);
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    waiting.push(...node.inputs.map(({ layer }) => layer));
  }
  return [...found].sort((a, b) => recordOf(a).order - recordOf(b).order);
}

/** Every source is listed, and every listed source is needed. */
export function checkSources(note: Note, roots: Roots, nodes: readonly LayerNode[]): void {
  const listed = new Set([...roots.inputs, ...roots.labels].map(({ layer }) => layer));
  for (const node of nodes) {
    if (recordOf(node).role !== "source" || listed.has(node)) continue;
    const list = node.type === "input" ? "inputs" : "labels";
    const message = `it depends on ${titleOf(node.type, node.name)}, which is not among its ${list}`;
    note("MODEL_SOURCE_UNLISTED", message, { at: node.at, hint: `add it to ${list}, or do not use it` });
  }
  const used = new Set(nodes);
  for (const node of listed) {
    if (used.has(node)) continue;
    const message = `its ${titleOf(node.type, node.name)} is not needed by the loss, outputs or metrics`;
    note("MODEL_SOURCE_UNUSED", message, { at: node.at, hint: "leave it out, or use it" });
  }
  for (const [name, tensor] of Object.entries(roots.outputs)) {
    const label = reachableLayers([tensor]).find(({ type }) => type === "label" || type === "target");
    if (label === undefined) continue;
    const message = `its output "${name}" depends on ${titleOf(label.type, label.name)}, expected inputs only`;
    note("MODEL_OUTPUT_NEEDS_LABEL", message, { at: tensor.layer.at, hint: "labels are not known in inference" });
  }
}

/** Sources, parameters and scalars share one space of names in the program; layers have their own. */
export function checkNames(note: Note, roots: Roots, nodes: readonly LayerNode[]): void {
  const layerNames = new Map<string, LayerNode>();
  const programNames = new Map<string, string>([["loss", "the loss"]]);
  const claim = (name: string, what: string, at?: SourceRef) => {
    const owner = programNames.get(name);
    if (owner !== undefined) note("MODEL_NAME_DUPLICATE", `${what} has the name of ${owner}, expected another`, { at });
    programNames.set(name, what);
  };
  for (const node of nodes) {
    if (!recordOf(node).named) continue;
    const other = layerNames.get(node.name);
    if (other !== undefined) {
      const message = `it has two layers named ${show(node.name)} (${other.type} and ${node.type}), expected unique names`;
      note("MODEL_NAME_DUPLICATE", message, { at: node.at });
      continue;
    }
    layerNames.set(node.name, node);
    if (recordOf(node).role === "source") claim(node.name, titleOf(node.type, node.name), node.at);
    for (const parameter of node.parameters) claim(parameter.name, `parameter "${parameter.name}"`, node.at);
  }
  for (const name of Object.keys(roots.outputs)) {
    if (programNames.has(name) && name !== "loss") claim(name, `output "${name}"`);
  }
  for (const name of Object.keys(roots.metrics)) claim(name, `metric "${name}"`);
}

export function checkSize(note: Note, nodes: readonly LayerNode[]): void {
  const size = countElements(nodes.flatMap(({ parameters }) => parameters));
  if (size > maximumParameters) {
    note("MODEL_SIZE_TOO_LARGE", `it has ${size} parameters, expected at most ${maximumParameters}`);
  }
}
