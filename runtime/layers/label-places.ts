import { product } from "../graph/lengths.js";
import type { Value } from "../graph/types.js";
import { integer, optional } from "./options.js";
import { lengthOf } from "./parameters.js";
import { combined, placeWeights, sampleWeights } from "./place-weights.js";
import { formatSample, isTensor } from "./tensors.js";
import type { LayerInput, Lowering, Tensor } from "./types.js";

/** Options of losses and metrics that compare scores with class numbers, for their option tables. */
export const labelOptions = {
  /** A class number, within the classes or not, whose places weigh 0. Default none. */
  ignoreLabel: optional(integer()),
  ...sampleWeights,
};

/** Scores and labels: one place for a vector, one a pixel for an image. */
export interface LabelPlaces {
  readonly classes: number;
  /** float32 `[N, classes]` or `[N, classes, places]`: more axes would make LogSoftmax and Gather twice as slow. */
  readonly scores: Value;
  /** The label of each place, `[N]` or `[N, places]`; an ignored one is 0. */
  readonly label: Value;
  /** float32, broadcasts to the places; undefined: each weighs 1. */
  readonly weights: Value | undefined;
}

interface Compared {
  readonly logits: Value;
  readonly label: Value;
  readonly ignoreLabel: number | undefined;
  readonly sampleWeights: Tensor | undefined;
  /** The tensors themselves. */
  readonly given: readonly LayerInput[];
}

/** Checks that there is one label for each place of the scores, and reads labels and weights. */
export function labelPlaces(l: Lowering, compared: Compared): LabelPlaces {
  const { logits, ignoreLabel } = compared;
  const classes = lengthOf(l, logits, 1, "number of classes");
  requirePlaces(l, compared);
  checkClasses(l, classes, compared);
  const scores = logits.shape.length > 3 ? l.g.op("Reshape", [logits, l.g.ints([0, classes, -1])]) : logits;
  const flat = (value: Value) => flatPlaces(l, value, scores.shape.length - 1);
  const label = flat(compared.label);
  const given = placeWeights(l, compared.sampleWeights, compared.label);
  const weights = given && flat(given);
  if (ignoreLabel === undefined) return { classes, scores, label, weights };
  const ignored = l.g.op("Equal", [label, l.g.scalar(ignoreLabel, label.dtype)]);
  const counts = l.g.op("Cast", [l.g.op("Not", [ignored])], { to: "float32" });
  const known = l.g.op("Where", [ignored, l.g.scalar(0, label.dtype), label]);
  return { classes, scores, label: known, weights: combined(l.g, counts, weights) };
}

function requirePlaces(l: Lowering, { logits, label }: Compared): void {
  const places = product(logits.shape.slice(2));
  if (product(label.shape.slice(1)) === places) return;
  const scores = `its logits "${logits.name}" are ${formatSample(logits.shape)}`;
  const labels = `its label "${label.name}" ${formatSample(label.shape)}`;
  const wanted = `expected one class number for each of the ${places} places`;
  l.fail("LAYER_SHAPE_MISMATCH", `${scores} and ${labels}, ${wanted}`);
}

/** Checks that there is a score for each class that the label is said to have. */
function checkClasses(l: Lowering, classes: number, { logits, label, given }: Compared): void {
  const source = given[1];
  const known = isTensor(source) ? source.layer.options.classes : undefined;
  if (typeof known !== "number") return;
  const found = `its label "${label.name}" has ${known} classes and its logits "${logits.name}" ${classes}`;
  l.check(known <= classes, "LAYER_SHAPE_MISMATCH", `${found}, expected a score for each class`);
}

/** `[N, …]` as `[N]` or `[N, places]`. */
function flatPlaces({ g }: Lowering, value: Value, rank: number): Value {
  // 0 copies the batch (ONNX, Reshape).
  return value.shape.length === rank ? value : g.op("Reshape", [value, g.ints(rank === 1 ? [0] : [0, -1])]);
}

/** The entry of each place's label among its classes: `[N, classes, …]` to `[N, …]`. */
export function pickLabels({ g }: Lowering, values: Value, label: Value): Value {
  const picked = g.op("GatherElements", [values, g.op("Unsqueeze", [label, g.ints([1])])], { axis: 1 });
  return g.op("Squeeze", [picked, g.ints([1])]);
}
