import { isBaseError } from "../../../runtime/errors.js";
import {
  type LayerNode,
  type ModelOptions,
  model,
  type Network,
  type Scalar,
  softmax,
  type Tensor,
} from "../../../runtime/layers/index.js";
import { tensorsOf } from "../../../runtime/layers/tensors.js";
import type { Notes, Problems } from "../../source/problems.js";
import type { NetBuilder } from "./builder.js";
import type { Loss } from "./ends.js";

/** What inference puts out in place of a loss: probabilities for a softmax loss, else the prediction itself. */
function predictionOf(
  { prediction, layer }: Loss,
  outputs: Readonly<Record<string, Tensor>>,
  builder: NetBuilder,
): readonly [name: string, tensor: Tensor] {
  const { kind, tensor, blob } = prediction;
  if (kind === "identity") return [blob, tensor];
  const given = Object.entries(outputs).find(([, { layer: made }]) => {
    return made.type === "softmax" && tensorsOf(made)[0]?.layer === tensor.layer;
  });
  if (given !== undefined) return given;
  const name = builder.freeName("prob");
  return [name, softmax(tensor, { name, at: layer.at })];
}

function neededBy(ends: readonly (Tensor | Scalar)[]): ReadonlySet<LayerNode> {
  // A set keeps the order in which layers are added while it is iterated.
  const needed = new Set(ends.map(({ layer }) => layer));
  for (const node of needed) for (const { layer } of tensorsOf(node)) needed.add(layer);
  return needed;
}

/** The losses under the names that training reports them by: a single one is the loss, several have their layers' names. */
function lossesOf(losses: readonly Loss[]): Pick<ModelOptions, "loss" | "losses"> {
  const [first, ...others] = losses;
  if (first === undefined) return {};
  if (others.length === 0) return { loss: first.scalar };
  // The total of several is what is called the loss.
  const nameOf = (name: string) => (name === "loss" ? "main_loss" : name);
  return { losses: Object.fromEntries(losses.map(({ scalar }) => [nameOf(scalar.layer.name), scalar])) };
}

interface NetworkParts {
  readonly name: string;
  readonly file: string;
  readonly builder: NetBuilder;
  readonly problems: Problems;
  readonly notes: Notes;
}

/** Makes the network of what a builder has built; undefined after reporting why not. */
export function makeNetwork({ name, file, builder, problems, notes }: NetworkParts): Network | undefined {
  const { ends } = builder;
  if (problems.count > 0) return undefined;
  const outputs: Record<string, Tensor> = Object.fromEntries([...builder.unused].sort(([a], [b]) => (a < b ? -1 : 1)));
  for (const loss of ends.losses) {
    const [blob, tensor] = predictionOf(loss, outputs, builder);
    outputs[blob] ??= tensor;
  }
  const metrics = Object.fromEntries(ends.metrics);
  const losses = ends.losses.map(({ scalar }) => scalar);
  const roots = [...Object.values(outputs), ...ends.metrics.values(), ...losses];
  if (roots.length === 0) {
    const message = "the net has no layer that computes anything from its inputs";
    problems.add({ code: "CAFFE_LAYERS_EMPTY", message, at: { file } });
    return undefined;
  }
  const needed = neededBy(roots);
  const isNeeded = ({ layer }: Tensor): boolean => needed.has(layer);
  noteUnused(builder, isNeeded, notes);
  try {
    const network = model({
      name,
      inputs: ends.inputs.filter(isNeeded),
      labels: ends.labels.filter(isNeeded),
      ...lossesOf(ends.losses),
      outputs,
      metrics,
    });
    if (losses.length > 0) noteZeroWeights(network, notes);
    return network;
  } catch (error) {
    if (!isBaseError(error)) throw error;
    problems.addAll(error.problems.map((problem) => ({ at: { file }, ...problem })));
    return undefined;
  }
}

/** Layers whose names a note lists; it counts the others. */
const listed = 10;

/** Caffe's filler is the constant 0 where a file gives none; a layer of zero weights learns, what is below it does not. */
function noteZeroWeights({ layers }: Network, notes: Notes): void {
  const zero = layers.filter(({ variables }) => {
    const start = variables.weight?.initializer;
    return start?.type === "constant" && (start.options.value ?? 0) === 0;
  });
  const [first] = zero;
  if (first === undefined) return;
  const places = zero.slice(0, listed).map(({ name, at }) => {
    return `"${name}"${at?.line === undefined || zero.length === 1 ? "" : ` (line ${at.line})`}`;
  });
  const rest = zero.length > listed ? ` and ${zero.length - listed} more` : "";
  const which = zero.length === 1 ? `layer ${places[0]}: its` : `${zero.length} layers: their`;
  const list = zero.length === 1 ? "" : `: ${places.join(", ")}${rest}`;
  notes.add({
    message: `${which} weights start at 0, which is Caffe's default without a weight_filler${list}`,
    ...(first.at === undefined ? {} : { at: first.at }),
    hint: "layers below zero weights learn nothing at first: a weight_filler such as xavier starts them better",
  });
}

function noteUnused({ ends }: NetBuilder, isNeeded: (tensor: Tensor) => boolean, notes: Notes): void {
  const inputs = ends.inputs.filter((tensor) => !isNeeded(tensor)).map(({ layer: { name, at } }) => ({ name, at }));
  const truths = ends.truths.filter(({ tensor }) => tensor === undefined || !isNeeded(tensor));
  for (const { name, at } of [...inputs, ...truths]) {
    const note = { code: "CAFFE_BLOB_UNUSED", message: `blob "${name}" is used by no layer and left out` };
    notes.add(at === undefined ? note : { ...note, at });
  }
}
