import { fieldRules } from "../../source/fields/field.js";
import { count, flag } from "../../source/fields/kinds.js";
import { caffeLayer } from "./row.js";
import { channelsOf, croppedShape, type TransformSettings, transformRules } from "./transform.js";
import type { LayerContext, MakeTops } from "./types.js";

const rowsAreGiven = "rows come from the data file that training is given";

/** Fields that until 2014 stood in the data parameter itself; in a `layer` of today Caffe does not read them there. */
const moved = "Caffe does not read it here; it belongs into transform_param";
const movedFields = { scale: moved, mean_file: moved, crop_size: moved, mirror: moved };

/** What every data layer does: its rows are sources, the first top of the shape that the layer says. */
function bring(context: LayerContext, shape: readonly number[] | undefined): MakeTops {
  return (_, ends) => {
    return context.layer.tops.map((_top, top) => ends.source({ top, shape: top === 0 ? shape : undefined }));
  };
}

interface Rows {
  readonly batch_size: number;
}

type Transformed = Pick<TransformSettings, "scale" | "mean_value" | "crop_size" | "mirror">;

function factsOf({ batch_size }: Rows, transform: Transformed, shape: readonly number[] | undefined) {
  const { scale, mean_value: mean, crop_size, mirror } = transform;
  return { batchsize: batch_size, scale, mean, crop: crop_size > 0, mirror, shape };
}

/** Rows of a database */
const databaseLayer = caffeLayer({
  bottoms: [0, 0],
  tops: [1, 2],
  bringsLabels: true,
  parameters: {
    data_param: fieldRules({
      message: "DataParameter",
      fields: { batch_size: count(1) },
      ignored: {
        source: rowsAreGiven,
        backend: rowsAreGiven,
        prefetch: rowsAreGiven,
        rand_skip: rowsAreGiven,
        force_encoded_color: rowsAreGiven,
        ...movedFields,
      },
    }),
    transform_param: transformRules,
  },
  make: ({ transform_param: transform }, context) => bring(context, croppedShape(transform, channelsOf(transform))),
  facts: ({ data_param, transform_param: transform }) =>
    factsOf(data_param, transform, croppedShape(transform, channelsOf(transform))),
});

type ImageSettings = {
  readonly [Field in "new_height" | "new_width"]: number;
} & { readonly is_color: boolean };

function imageShape(image: ImageSettings, transform: Parameters<typeof croppedShape>[0]) {
  const { new_height: height, new_width: width, is_color } = image;
  const channels = is_color ? 3 : 1;
  const cropped = croppedShape(transform, channels);
  return height === 0 || width === 0 ? cropped : (cropped ?? [channels, height, width]);
}

/** Image files that a list names */
const imageLayer = caffeLayer({
  bottoms: [0, 0],
  tops: [1, 2],
  bringsLabels: true,
  parameters: {
    image_data_param: fieldRules({
      message: "ImageDataParameter",
      fields: { batch_size: count(1), new_height: count(0), new_width: count(0), is_color: flag() },
      ignored: {
        source: rowsAreGiven,
        rand_skip: rowsAreGiven,
        shuffle: rowsAreGiven,
        root_folder: rowsAreGiven,
        ...movedFields,
      },
    }),
    transform_param: transformRules,
  },
  make: ({ image_data_param, transform_param }, context) =>
    bring(context, imageShape(image_data_param, transform_param)),
  facts: ({ image_data_param, transform_param }) =>
    factsOf(image_data_param, transform_param, imageShape(image_data_param, transform_param)),
});

/** Rows of HDF5 files; what uses a top says whether it is a label */
const hdf5Layer = caffeLayer({
  bottoms: [0, 0],
  tops: [1, Number.POSITIVE_INFINITY],
  parameters: {
    hdf5_data_param: fieldRules({
      message: "HDF5DataParameter",
      fields: { batch_size: count(1) },
      ignored: { source: rowsAreGiven, shuffle: rowsAreGiven },
    }),
  },
  refused: { transform_param: { because: "Caffe refuses it in HDF5Data layers" } },
  make: (_, context) => bring(context, undefined),
  facts: ({ hdf5_data_param }) =>
    factsOf(hdf5_data_param, { scale: 1, mean_value: [], crop_size: 0, mirror: false }, undefined),
});

interface MemorySettings {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

function memoryShape({ channels, height, width }: MemorySettings, transform: Parameters<typeof croppedShape>[0]) {
  return croppedShape(transform, channels) ?? [channels, height, width];
}

/** Rows that a program hands over */
const memoryLayer = caffeLayer({
  bottoms: [0, 0],
  tops: [1, 2],
  bringsLabels: true,
  parameters: {
    memory_data_param: fieldRules({
      message: "MemoryDataParameter",
      fields: { batch_size: count(1), channels: count(1), height: count(1), width: count(1) },
    }),
    transform_param: transformRules,
  },
  make: ({ memory_data_param, transform_param }, context) =>
    bring(context, memoryShape(memory_data_param, transform_param)),
  facts: ({ memory_data_param, transform_param }) =>
    factsOf(memory_data_param, transform_param, memoryShape(memory_data_param, transform_param)),
});

/** Layers that bring rows: features first, then labels. */
export const dataLayers = {
  Data: databaseLayer,
  HDF5Data: hdf5Layer,
  ImageData: imageLayer,
  MemoryData: memoryLayer,
};
