import type { Value } from "../graph/types.js";
import { constant } from "./initializers.js";
import { real, withDefault } from "./options.js";
import { multiplierOptions, parametersOf, type Start, startOrNone } from "./parameters.js";
import type { Lowering } from "./types.js";

/** The options of all normalizations. */
export const normalizationOptions = {
  /** Added to the variance. Default 1e-5 (PyTorch, ONNX); 1e-3 in Keras. */
  epsilon: withDefault(
    real("a number > 0", (value) => value > 0),
    1e-5,
  ),
  /** How the factor starts, a tensor in its place, or `false` for none. Default `constant(1)`. */
  scale: withDefault<Start | false>(startOrNone(), constant(1)),
  /** How the term that is added starts, a tensor in its place, or `false` for none. Default `constant(0)`. */
  offset: withDefault<Start | false>(startOrNone(), constant(0)),
  ...multiplierOptions,
};

interface Affine {
  readonly scale: Start | false;
  readonly offset: Start | false;
  readonly lr: readonly number[] | number;
  readonly decay: readonly number[] | number;
}

/** The factor (`weight`) and the term (`bias`) of a normalization; constants where it has none. */
export function affineOf(l: Lowering, shape: readonly number[], { scale, offset, ...multipliers }: Affine) {
  const { weight, bias } = parametersOf(l, multipliers, {
    weight: { shape, start: scale },
    bias: { shape, start: offset },
  });
  return { weight: weight ?? filled(l, shape, 1), bias: bias ?? filled(l, shape, 0) };
}

function filled({ g }: Lowering, shape: readonly number[], value: number): Value {
  const size = shape.reduce((product, length) => product * length, 1);
  return g.constant({ dtype: "float32", shape, data: new Float32Array(size).fill(value) });
}
