import { sameShape } from "../graph/lengths.js";
import { parseInput } from "../graph/operators/signature.js";
import { definitionOf } from "../layers/table.js";
import { isTensor, tensorsOf } from "../layers/tensors.js";
import type { LayerNode, Network, Tensor } from "../layers/types.js";
import type { Feed } from "./types.js";

type LabelFeed = Extract<Feed, { kind: "features" | "labels" }>;

/** The losses and metrics that take a label as it is fed. */
function comparing(label: Tensor, nodes: readonly LayerNode[]): readonly LayerNode[] {
  return nodes.filter(
    (node) =>
      (node.role === "loss" || node.role === "metric") &&
      tensorsOf(node).some(({ layer }) => layer.name === label.layer.name),
  );
}

/** The number of classes of the scores that a label is compared with: `[N, classes, …]`, or 2 where it is one of two. */
function scoredClasses(node: LayerNode, label: Tensor): number | undefined {
  const [scores] = tensorsOf(node);
  if (scores?.dtype !== "float32") return undefined;
  // Scores of the label's own shape are compared with it number by number: with 0 and 1.
  if (sameShape(scores.shape, label.shape)) return 2;
  const classes = scores.shape[1];
  const places = sameShape([...scores.shape.slice(0, 1), ...scores.shape.slice(2)], label.shape);
  return typeof classes === "number" && places ? classes : undefined;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

/** What the class of a label is told by: the best of scores `[N, classes, …]`, or one score a place and a threshold. */
export interface Classifier {
  readonly scores: Tensor;
  /** A score above it says 1. */
  readonly threshold?: number;
}

/** Whose scores the losses and metrics compare with a label of class numbers; those of a metric before those of a loss. */
export function classifierOf(label: Tensor, nodes: readonly LayerNode[]): Classifier | undefined {
  if (label.dtype !== "int32" && label.dtype !== "int64") return undefined;
  const users = comparing(label, nodes).toSorted((a, b) => Number(b.role === "metric") - Number(a.role === "metric"));
  for (const node of users) {
    const [scores] = tensorsOf(node);
    if (scores === undefined || scoredClasses(node, label) === undefined) continue;
    if (!sameShape(scores.shape, label.shape)) return { scores };
    const { threshold } = definitionOf(node.type).options;
    if (threshold !== undefined) return { scores, threshold: Number(node.options.threshold ?? threshold.fallback) };
  }
  return undefined;
}

/** Which class numbers a label may hold, as its layer says, or the scores that it is compared with. */
function classesOf(label: Tensor, nodes: readonly LayerNode[]): Pick<LabelFeed, "classes" | "ignored"> {
  if (label.dtype !== "int32" && label.dtype !== "int64") return {};
  const users = comparing(label, nodes);
  const known = [label.layer.options.classes, ...users.map((node) => scoredClasses(node, label))].filter(isNumber);
  // A number that one loss ignores is a mistake where another takes it for a class.
  const [first, ...others] = users.map(({ options }) => options.ignoreLabel);
  const ignored = isNumber(first) && others.every((other) => other === first) ? first : undefined;
  return {
    ...(known.length > 0 && { classes: Math.min(...known) }),
    ...(ignored !== undefined && { ignored }),
  };
}

/** In how many things an input of whole numbers is a place, as the layers say that take it as it is fed. */
function placesOf(input: Tensor, nodes: readonly LayerNode[]): Pick<LabelFeed, "classes"> {
  if (input.dtype !== "int32" && input.dtype !== "int64") return {};
  const bounds = nodes.flatMap((node) => {
    const { below, inputs } = definitionOf(node.type);
    return inputs.flatMap((text, index) => {
      const option = below[parseInput(text).name];
      const taken = node.inputs[index];
      return option !== undefined && isTensor(taken) && taken.layer.name === input.layer.name
        ? node.options[option]
        : [];
    });
  });
  const known = bounds.filter(isNumber);
  return known.length > 0 ? { classes: Math.min(...known) } : {};
}

/** The columns of the data that a network takes, in its order. */
export function columnsOf({ inputs, labels, layers }: Network): readonly LabelFeed[] {
  const column = (kind: LabelFeed["kind"], { layer, dtype, shape }: Tensor) => {
    return { kind, name: layer.name, dtype, shape: shape.slice(1) };
  };
  return [
    ...inputs.map((tensor) => ({ ...column("features", tensor), ...placesOf(tensor, layers) })),
    ...labels.map((tensor) => ({ ...column("labels", tensor), ...classesOf(tensor, layers) })),
  ];
}
