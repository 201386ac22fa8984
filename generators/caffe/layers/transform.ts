import { fieldRules } from "../../source/fields/field.js";
import { count, flag, listOf, number } from "../../source/fields/kinds.js";
import { noted } from "../../source/fields/wrappers.js";

/**
 * y = (x − mean) · scale of a part of `crop_size` that is cut out of an image, at a random place in the TRAIN net and in the
 * middle in the TEST net, and turned left to right with probability 1/2 where `mirror` says so (caffe.proto,
 * TransformationParameter; data_transformer.cpp).
 */
export const transformRules = fieldRules({
  message: "TransformationParameter",
  fields: {
    scale: number("a finite number other than 0", (value) => value !== 0),
    mean_value: listOf(number()),
    crop_size: count(0),
    mirror: flag(),
    force_color: noted(flag(), "channels come from the data"),
    force_gray: noted(flag(), "channels come from the data"),
  },
  ignored: {
    mean_file: "the mean file is not subtracted; data that need it must be prepared",
  },
  checks: [
    {
      of: [],
      check: (_, { has, problem }) => {
        if (!has("mean_file") || !has("mean_value")) return;
        problem("invalid", "its transform_param has mean_file and mean_value, expected one of them", "mean_value");
      },
    },
  ],
});

export interface TransformSettings {
  readonly scale: number;
  readonly mean_value: readonly number[];
  readonly crop_size: number;
  readonly mirror: boolean;
  readonly force_color: boolean;
  readonly force_gray: boolean;
}

/** Channels, where the file says them: mean_value has one a channel, the other two force them. */
export function channelsOf({ force_color, force_gray, mean_value }: TransformSettings): number | undefined {
  if (force_color) return 3;
  if (force_gray) return 1;
  return mean_value.length > 1 ? mean_value.length : undefined;
}

/** The shape after cropping; undefined where nothing is cropped or the channels are not known. */
export function croppedShape({ crop_size: size }: TransformSettings, channels: number | undefined) {
  return size === 0 || channels === undefined ? undefined : ([channels, size, size] as const);
}
