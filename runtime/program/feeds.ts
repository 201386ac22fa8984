import { definitionOf } from "../layers/table.js";
import { tensorsOf } from "../layers/tensors.js";
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
function scoredClasses(node: LayerNode): number | undefined {
  // What compares class numbers can ignore one; the others compare number by number with 0 and 1.
  if (!Object.hasOwn(definitionOf(node.type).options, "ignoreLabel")) return 2;
  const [scores] = tensorsOf(node);
  const classes = scores?.dtype === "float32" ? scores.shape[1] : undefined;
  return typeof classes === "number" ? classes : undefined;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

/** Which class numbers a label may hold, as its layer says, or the scores that it is compared with. */
function classesOf(label: Tensor, nodes: readonly LayerNode[]): Pick<LabelFeed, "classes" | "ignored"> {
  if (label.dtype !== "int32" && label.dtype !== "int64") return {};
  const users = comparing(label, nodes);
  const known = [label.layer.options.classes, ...users.map(scoredClasses)].filter(isNumber);
  const ignored = users.map(({ options }) => options.ignoreLabel).find(isNumber);
  return {
    ...(known.length > 0 && { classes: Math.min(...known) }),
    ...(ignored !== undefined && { ignored }),
  };
}

/** The columns of the data that a network takes, in its order. */
export function columnsOf({ inputs, labels, layers }: Network): readonly LabelFeed[] {
  const column = (kind: LabelFeed["kind"], { layer, dtype, shape }: Tensor) => {
    return { kind, name: layer.name, dtype, shape: shape.slice(1) };
  };
  return [
    ...inputs.map((tensor) => column("features", tensor)),
    ...labels.map((tensor) => ({ ...column("labels", tensor), ...classesOf(tensor, layers) })),
  ];
}
