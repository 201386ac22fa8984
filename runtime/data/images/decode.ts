import { loadSharp } from "./sharp.js";

/** The order of the channels of colour pictures: that of most software, or OpenCV's, which Caffe reads pictures with. */
export type ColorOrder = "rgb" | "bgr";

/** What pictures are brought to. */
export interface ImageTarget {
  /** 1 grey or 3 colours; what is transparent is dropped. */
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  readonly order: ColorOrder;
}

export interface ImageSize {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}

/** A file's path or an encoded picture's bytes. */
export type Encoded = string | Uint8Array;

/** Pixels of a picture that are decoded at most: a few bytes may claim any number. 16384 × 16384, as libvips' own limit. */
const limitInputPixels = 2 ** 28;
const options = { failOn: "error", limitInputPixels, pages: 1 } as const;

/** The size of a picture as it is shown, from its header. Throws what the library says of a broken one. */
export async function imageSize(encoded: Encoded): Promise<ImageSize> {
  const sharp = await loadSharp();
  const { autoOrient, space } = await sharp(encoded, options).metadata();
  const { height, width } = autoOrient;
  if (height * width > limitInputPixels) throw new Error("it has more pixels than the limit");
  return { height, width, channels: space === "b-w" || space === "grey16" ? 1 : 3 };
}

/**
 * Decodes a picture to bytes `[channels, height, width]`: turned upright as its EXIF data say, stretched to the size
 * without regard to its proportions (bilinear, antialiased where it shrinks: libvips' linear kernel), in 8-bit sRGB or grey.
 */
export async function decodeImage(encoded: Encoded, target: ImageTarget, into: Uint8Array): Promise<void> {
  const { channels, height, width, order } = target;
  const sharp = await loadSharp();
  const { data, info } = await sharp(encoded, options)
    .autoOrient()
    .resize(width, height, { fit: "fill", kernel: "linear" })
    .removeAlpha()
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  const plane = height * width;
  // A grey picture in a file of colours has one channel: it is repeated.
  const found = info.channels;
  for (let channel = 0; channel < channels; channel++) {
    const from = Math.min(order === "bgr" ? channels - 1 - channel : channel, found - 1);
    const start = channel * plane;
    for (let pixel = 0; pixel < plane; pixel++) into[start + pixel] = data[pixel * found + from] ?? 0;
  }
}

/** The library's reason in one line. */
export function imageReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (
    text
      .split("\n")
      .filter((line) => line.trim() !== "")[0]
      ?.trim() ?? ""
  );
}
