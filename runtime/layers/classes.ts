import type { Value } from "../graph/types.js";
import { sizeOf } from "../shape.js";
import type { Inference } from "./define-layer.js";
import { show } from "./plain.js";
import { reshapeSample } from "./reshape.js";
import type { Lowering, Tensor } from "./types.js";

/** The inputs of a layer that compares scores with class numbers. */
export const scoreInputs = [
  { name: "logits", dtype: "float32", ranks: [1, 2, 3, 4], axes: "[classes, …]" },
  { name: "label", dtype: "int32" },
] as const;

/** Scores `[classes, places]` and labels `[places]`: one place for a vector, one a pixel for an image. */
export interface Places {
  readonly classes: number;
  readonly places: number;
}

/** Checks that there is one label for each place of the scores. */
export function inferPlaces({ inputs, check }: Pick<Inference<unknown>, "inputs" | "check">): Places {
  const [logits, label] = inputs as readonly [Tensor, Tensor];
  const [classes = 0, ...spatial] = logits.shape;
  const places = sizeOf(spatial);
  const found = `its logits "${logits.name}" are ${show(logits.shape)} and its label "${label.name}" ${show(label.shape)}`;
  const wanted = `expected one class number for each of the ${places} places`;
  check(sizeOf(label.shape) === places, "LAYER_SHAPE_MISMATCH", `${found}, ${wanted}`);
  const labelClasses = label.layer.attributes.classes;
  const tooMany = typeof labelClasses === "number" && labelClasses > classes;
  const message = `its label "${label.name}" has ${labelClasses} classes and its logits "${logits.name}" ${classes}`;
  check(!tooMany, "LAYER_SHAPE_MISMATCH", `${message}, expected a score for each class`);
  return { classes, places };
}

export interface LoweredPlaces {
  /** float32 `[N, classes, places]`, or `[N, classes]` for one place. */
  readonly scores: Value;
  /** bool, same shape: true where the class is the label. */
  readonly isLabel: Value;
}

/** Scores, and which of them belong to the label. */
export function lowerPlaces(lowering: Lowering, { classes, places }: Places): LoweredPlaces {
  const { g } = lowering;
  const [logits, label] = lowering.inputs as [Value, Value];
  const spatial = places === 1 ? [] : [places];
  const scores = reshapeSample(lowering, logits, [classes, ...spatial]);
  const numbers = g.constant({
    dtype: "int32",
    shape: [1, classes, ...spatial.map(() => 1)],
    data: Int32Array.from({ length: classes }, (_, index) => index),
  });
  const isLabel = g.op("Equal", [reshapeSample(lowering, label, [1, ...spatial]), numbers]);
  return { scores, isLabel };
}
