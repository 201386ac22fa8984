import { sizeOf } from "../shape.js";
import type { NDArray } from "./types.js";

/** How one row of the data becomes one input of the network. Shapes are those of a sample. */
export interface Layout {
  /** `[height, width, channels]` is turned to `[channels, height, width]`. */
  readonly channelsLast: boolean;
  /** The `[channels, height, width]` to resize from; absent where the size is right. */
  readonly resizeFrom?: readonly [channels: number, height: number, width: number];
  /** The `[channels, height, width]` that the input is a part of; absent where the size is right or images are resized. */
  readonly cropFrom?: readonly [channels: number, height: number, width: number];
  readonly note?: string;
}

/** Where the channels of an image stand, where its axes leave it open: flat rows, or as many rows as channels. */
export type ChannelOrder = "channels_first" | "channels_last";

type Image = readonly [number, number, number];

/**
 * Finds the way from a sample's shape to the network's input shape; undefined if there is none. An image may lack its
 * single channel or have its channels last; flat rows and inputs are reshaped, images of another size are resized.
 */
export function planLayout(
  sample: readonly number[],
  input: readonly number[],
  order: ChannelOrder = "channels_first",
): Layout | undefined {
  const turns = order === "channels_last" && isImage(input) && input[0] > 1;
  if (same(sample, input) && !(turns && same(lastOf(input), input))) return { channelsLast: false };
  const note = `rows of shape [${sample.join(",")}] are`;
  const flat = sample.length <= 1 || input.length === 1;
  if (flat && sizeOf(sample) === sizeOf(input)) {
    if (turns) return { channelsLast: true, note: `${note} read as images [${lastOf(input).join(",")}]` };
    return { channelsLast: false, note: `${note} read as [${input.join(",")}]` };
  }
  if (!isImage(input)) return undefined;
  const found = imageOf(sample, input, order);
  if (found === undefined) return undefined;
  const { image, channelsLast } = found;
  const resized = !same(image, input);
  const turned = channelsLast ? ` read as images with the channels last` : "";
  const scaled = resized ? ` resized to [${input.join(",")}] (bilinear)` : "";
  const both = turned !== "" && scaled !== "" ? `${turned} and${scaled}` : `${turned}${scaled}`;
  return {
    channelsLast,
    ...(resized ? { resizeFrom: image } : {}),
    ...(both === "" ? {} : { note: `${note}${both}` }),
  };
}

/** The layout where images are cut instead of resized; undefined where an image is smaller than the input. */
export function cutLayout(layout: Layout, sample: readonly number[], input: readonly number[]): Layout | undefined {
  const { channelsLast, resizeFrom: image } = layout;
  if (image === undefined) return layout;
  const [, height = 0, width = 0] = input;
  if (image[1] < height || image[2] < width) return undefined;
  const turned = channelsLast ? " read as images with the channels last and" : "";
  const note = `rows of shape [${sample.join(",")}] are${turned} cut to [${input.join(",")}]`;
  return { channelsLast, cropFrom: image, note };
}

/** `[height, width, channels]` of `[channels, height, width]`. */
function lastOf([channels, height, width]: Image): Image {
  return [height, width, channels];
}

/** The sample as `[channels, height, width]`; where the axes could be either, `order` says which. */
function imageOf(
  sample: readonly number[],
  input: Image,
  order: ChannelOrder,
): { image: Image; channelsLast: boolean } | undefined {
  const [channels] = input;
  const [a = 0, b = 0, c = 0] = sample;
  if (sample.length === 2 && channels === 1) return { image: [1, a, b], channelsLast: false };
  if (sample.length !== 3) return undefined;
  const last = c === channels && (a !== channels || order === "channels_last" || same([c, a, b], input));
  if (last) return { image: [c, a, b], channelsLast: true };
  return a === channels ? { image: [a, b, c], channelsLast: false } : undefined;
}

function isImage(shape: readonly number[]): shape is Image {
  return shape.length === 3;
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** `[rows, height, width, channels]` → `[rows, channels, height, width]`. */
export function channelsFirst(from: NDArray["data"], to: Float32Array, [channels, height, width]: Image): void {
  const plane = height * width;
  const sample = plane * channels;
  for (let start = 0; start < from.length; start += sample) {
    for (let channel = 0; channel < channels; channel++) {
      const target = start + channel * plane;
      for (let pixel = 0; pixel < plane; pixel++) to[target + pixel] = from[start + pixel * channels + channel] ?? 0;
    }
  }
}
