import { lengths, perAxis } from "./axis-options.js";
import { defineLayer } from "./define-layer.js";
import { type OptionsOf, required } from "./options.js";

import type { Tensor } from "./types.js";

const table = {
  /** How often each pixel is repeated: one number for all axes, or one for each: `[height, width]`. */
  scale: required(lengths(1)),
};

export type UpsampleOptions = OptionsOf<typeof table>;

/** y[c, i, j] = x[c, ⌊i / s⌋, ⌊j / s⌋]: each pixel repeated. */
export const upsampleLayer = defineLayer({
  type: "upsample",
  inputs: ["image: float"],
  samples: { image: { ranks: [2, 3, 4], axes: "[channels, …]" } },
  options: table,
  lower: (l, { image }, { scale }) => {
    const scales = Float32Array.from([1, 1, ...perAxis(l, "scale", scale, image.shape.length - 2)]);
    const factors = l.g.constant({ dtype: "float32", shape: [scales.length], data: scales });
    return l.g.op("Resize", [image, undefined, factors], {
      mode: "nearest",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    });
  },
});

/**
 * A larger image of repeated pixels (Keras' UpSampling, PyTorch's Upsample with mode "nearest"): `[channels, height, width]`
 * to `[channels, scale · height, scale · width]`; likewise for sequences and volumes.
 *
 * @example const large = upsample(features, { scale: 2 });
 */
export function upsample(image: Tensor, options: UpsampleOptions): Tensor {
  return upsampleLayer.make([image], options);
}
