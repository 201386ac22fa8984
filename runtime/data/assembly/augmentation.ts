import { random } from "../../random.js";
import type { Image } from "../resize.js";

/** How images are changed on their way into a batch, each time anew; plain data. The same seed, epoch and row: the same. */
export interface Augmentation {
  readonly seed: number;
  /** Turn every second image around, left to right. */
  readonly mirror?: boolean;
}

/** Where an image goes. */
export interface Appearance {
  /** Its number in the dataset. */
  readonly row: number;
  /** From 0. */
  readonly epoch: number;
}

/** Changes one image after another. */
export interface Augmenter {
  /** What it makes of an image. */
  readonly shape: Image;
  /** From the image as it was turned and resized to its place in the batch. Neither is the other's memory. */
  apply(from: Float32Array, into: Float32Array, appearance: Appearance): void;
}

/** An augmenter of images of this shape. */
export function makeAugmenter({ seed, mirror = false }: Augmentation, shape: Image): Augmenter {
  return {
    shape,
    apply(from, into, { row, epoch }) {
      if (mirror && random(seed, "mirror", epoch, row).int(2) === 1) turnAround(from, into, shape);
      else into.set(from);
    },
  };
}

function turnAround(from: Float32Array, into: Float32Array, [, , width]: Image): void {
  into.set(from);
  for (let start = 0; start < into.length; start += width) into.subarray(start, start + width).reverse();
}
