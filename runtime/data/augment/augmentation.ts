import { keyOf, threefry } from "../../kernels/threefry.js";
import type { Image } from "../resize.js";

/**
 * How images are changed on their way into a batch of the training, each time anew: a part of the size that the network
 * takes is cut out at a random place, and every second image turned left to right. Plain data. Where there is none, as in
 * an evaluation, the part is the middle and nothing is turned.
 */
export interface Augmentation {
  readonly seed: number;
  /** Turn images left to right with probability 1/2. Default false. */
  readonly mirror?: boolean;
  /** Pixels of zeros around an image before it is cut: it is shifted by up to so many. Default 0. */
  readonly pad?: number;
}

/** Where an image goes. */
export interface Appearance {
  /** Its number in the dataset. */
  readonly row: number;
  /** From 0. */
  readonly epoch: number;
}

/** What is done to one image. Places count from the image's first pixel; they are negative in the padding. */
export interface Change {
  readonly top: number;
  readonly left: number;
  readonly mirror: boolean;
}

/** Keeps these numbers apart from others that are drawn of the same seed, dropout's for example. */
const stream = 0x61_75_67_6d;

/**
 * The change of an image of size `from` to size `to`, drawn by a generator without a state (Threefry) of seed, epoch and
 * row: the same for any number of workers, in any thread, at any time. Every place is equally likely (but for the 32 bits of
 * a random number), as in Caffe's DataTransformer and torchvision's RandomCrop.
 */
export function changeOf(
  { seed, mirror = false, pad = 0 }: Augmentation,
  [[, height, width], [, rows, columns]]: readonly [from: Image, to: Image],
  { epoch, row }: Appearance,
): Change {
  const key = keyOf(seed, stream, epoch, row);
  const [vertical, horizontal] = threefry(key, [0, 0]);
  const [side] = threefry(key, [1, 0]);
  return {
    top: below(height + 2 * pad - rows + 1, vertical) - pad,
    left: below(width + 2 * pad - columns + 1, horizontal) - pad,
    mirror: mirror && side >= 2 ** 31,
  };
}

/** The middle part, rounded towards the first pixel as Caffe does. */
export function middleOf([[, height, width], [, rows, columns]]: readonly [from: Image, to: Image]): Change {
  return { top: Math.floor((height - rows) / 2), left: Math.floor((width - columns) / 2), mirror: false };
}

/** A whole number from 0 to `bound` − 1 of 32 random bits. */
function below(bound: number, bits: number): number {
  return Math.floor((bits * bound) / 2 ** 32);
}
