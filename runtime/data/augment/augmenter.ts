import type { Image } from "../resize.js";
import { type Appearance, type Augmentation, type Change, changeOf, middleOf } from "./augmentation.js";

/** Changes one image after another. */
export interface Augmenter {
  /** From the image as it was turned and resized to its place in the batch. Neither is the other's memory. */
  apply(from: Float32Array, into: Float32Array, appearance: Appearance): void;
}

/** An augmenter of images `from` to images `to`, which are not larger; without an augmentation it takes the middle. */
export function makeAugmenter(from: Image, to: Image, augmentation: Augmentation | undefined): Augmenter {
  const middle = middleOf([from, to]);
  return {
    apply(image, into, appearance) {
      const change = augmentation === undefined ? middle : changeOf(augmentation, [from, to], appearance);
      cut({ image, from }, { into, to }, change);
    },
  };
}

interface Given {
  readonly image: Float32Array;
  readonly from: Image;
}

interface Made {
  readonly into: Float32Array;
  readonly to: Image;
}

/** Copies line by line; what lies outside of the image is 0. */
function cut({ image, from }: Given, { into, to }: Made, { top, left, mirror }: Change): void {
  const [channels, height, width] = from;
  const [, rows, columns] = to;
  const [first, last] = [Math.max(0, left), Math.min(width, left + columns)];
  const isInside = top >= 0 && left >= 0 && top + rows <= height && left + columns <= width;
  if (!isInside) into.fill(0);
  for (let channel = 0; channel < channels; channel++) {
    for (let row = Math.max(0, -top); row < Math.min(rows, height - top); row++) {
      const start = (channel * height + top + row) * width;
      const line = into.subarray((channel * rows + row) * columns, (channel * rows + row + 1) * columns);
      line.set(image.subarray(start + first, start + last), first - left);
      if (mirror) line.reverse();
    }
  }
}
