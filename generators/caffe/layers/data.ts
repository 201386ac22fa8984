import type { Message } from "../../source/prototxt/message.js";
import type { CaffeLayer, LayerContext, MakeTops } from "./types.js";

/** What a data layer says about the rows it brings. */
export interface DataFacts {
  readonly batchsize?: number;
  /** One sample of its first top; undefined where the file does not say. */
  readonly shape?: readonly number[];
  readonly transform: Message;
}

interface DataKind {
  readonly parameter: string;
  readonly tops: readonly [number, number];
  /** Fields without effect here: where and how Caffe reads the rows. */
  readonly unused: readonly string[];
  /** The shape of a sample as far as the layer's own parameter says it. */
  shape(settings: Message, transform: Message): readonly number[] | undefined;
}

/** Channels, where the file says them: mean_value has one a channel, the other two force them. */
function channelsOf(transform: Message): number | undefined {
  if (transform.boolean("force_color")) return 3;
  if (transform.boolean("force_gray")) return 1;
  const means = transform.numbers("mean_value").length;
  return means > 1 ? means : undefined;
}

function croppedShape(transform: Message, channels: number | undefined): readonly number[] | undefined {
  const size = transform.number("crop_size");
  return size === 0 || channels === undefined ? undefined : [channels, size, size];
}

function cropped(shape: readonly number[] | undefined, transform: Message): readonly number[] | undefined {
  return croppedShape(transform, shape?.[0]) ?? shape;
}

const kinds = {
  Data: {
    parameter: "data_param",
    tops: [1, 2],
    unused: ["source", "backend", "prefetch", "rand_skip", "force_encoded_color"],
    shape: (_, transform) => croppedShape(transform, channelsOf(transform)),
  },
  ImageData: {
    parameter: "image_data_param",
    tops: [1, 2],
    unused: ["source", "rand_skip", "shuffle", "root_folder"],
    shape: (settings, transform) => {
      const [height, width] = [settings.number("new_height"), settings.number("new_width")];
      const channels = settings.boolean("is_color") ? 3 : 1;
      if (height === 0 || width === 0) return croppedShape(transform, channels);
      return cropped([channels, height, width], transform);
    },
  },
  HDF5Data: {
    parameter: "hdf5_data_param",
    tops: [1, Number.POSITIVE_INFINITY],
    unused: ["source", "shuffle"],
    shape: () => undefined,
  },
  MemoryData: {
    parameter: "memory_data_param",
    tops: [1, 2],
    unused: [],
    shape: (settings, transform) => {
      const sizes = ["channels", "height", "width"].map((field) => settings.number(field));
      return sizes.includes(0) ? undefined : cropped(sizes, transform);
    },
  },
} as const satisfies Record<string, DataKind>;

/** Fields that until 2014 stood in the data parameter itself; in a `layer` of today Caffe does not read them there. */
const movedFields = ["scale", "mean_file", "crop_size", "mirror"];

function checkBatch(context: LayerContext, settings: Message): void {
  if (settings.number("batch_size") > 0) return;
  const found = settings.has("batch_size") ? "its batch_size is 0" : "it has no batch_size";
  context.problem("CAFFE_FIELD_INVALID", `${found}, expected at least 1`, { at: settings.at("batch_size") });
}

function checkMemory(context: LayerContext, settings: Message): void {
  for (const field of ["channels", "height", "width"]) {
    if (settings.number(field) > 0) continue;
    const found = settings.has(field) ? `its ${field} is 0` : `it has no ${field}`;
    context.problem("CAFFE_FIELD_INVALID", `${found}, expected at least 1`, { at: settings.at(field) });
  }
}

function noteUnused(context: LayerContext, settings: Message, kind: DataKind): void {
  context.ignore(settings, kind.unused, "rows come from the data file that training is given");
  const { type } = context.layer.settings;
  if (type.name !== "LayerParameter") return;
  const moved = movedFields.filter((field) => Object.hasOwn(settings.type.fields, field));
  context.ignore(settings, moved, "Caffe does not read it here; it belongs into transform_param");
}

const reasons: Readonly<Record<string, string>> = {
  mirror: "rows are not mirrored at random",
  crop_size: "images are resized to the input's shape, not cropped",
  mean_file: "the mean file is not subtracted; data that need it must be prepared",
  force_color: "channels come from the data",
  force_gray: "channels come from the data",
};

function checkTransform(context: LayerContext, transform: Message): void {
  for (const [field, reason] of Object.entries(reasons)) context.ignore(transform, [field], reason);
  if (transform.has("mean_file") && transform.has("mean_value")) {
    const message = "its transform_param has mean_file and mean_value, expected one of them";
    context.problem("CAFFE_FIELD_INVALID", message, { at: transform.at("mean_value") });
  }
  for (const [index, value] of [...transform.numbers("mean_value").entries()]) {
    if (Number.isFinite(value)) continue;
    const message = `its mean_value is ${value}, expected a finite number`;
    context.problem("CAFFE_FIELD_INVALID", message, { at: transform.at("mean_value", index) });
  }
  const scale = transform.number("scale");
  if (Number.isFinite(scale) && scale !== 0) return;
  const message = `its scale is ${scale}, expected a finite number other than 0`;
  context.problem("CAFFE_FIELD_INVALID", message, { at: transform.at("scale") });
}

function isDataKind(type: string): type is keyof typeof kinds {
  return Object.hasOwn(kinds, type);
}

/** What a layer says about its rows; undefined for a layer that brings none. */
export function dataFacts({ type, settings }: LayerContext["layer"]): DataFacts | undefined {
  if (!isDataKind(type)) return undefined;
  const kind = kinds[type];
  const own = settings.messageOrDefaults(kind.parameter);
  const transform = transformOf(settings, own);
  const shape = kind.shape(own, transform);
  const batchsize = own.number("batch_size");
  return { transform, ...(batchsize > 0 ? { batchsize } : {}), ...(shape === undefined ? {} : { shape }) };
}

/** In old `layers` the data parameter holds scale, mean_file, crop_size and mirror (upgrade_proto.cpp). */
function transformOf(settings: Message, own: Message): Message {
  const transform = settings.messageOrDefaults("transform_param");
  const isOld = settings.type.name === "V1LayerParameter" && !settings.has("transform_param");
  return isOld && own.given.some((field) => movedFields.includes(field)) ? own.as(transform.type) : transform;
}

/** A layer that brings rows: features first, then labels. */
function dataLayer(type: keyof typeof kinds): CaffeLayer {
  const kind = kinds[type];
  return {
    bottoms: [0, 0],
    tops: kind.tops,
    parameters: [kind.parameter, "transform_param"],
    read: (context): MakeTops => {
      const settings = context.settings(kind.parameter);
      const transform = context.settings("transform_param");
      checkBatch(context, settings);
      if (type === "MemoryData") checkMemory(context, settings);
      if (type === "HDF5Data" && context.layer.settings.has("transform_param")) {
        const message = "it has a transform_param, which Caffe refuses in HDF5Data layers";
        context.problem("CAFFE_FIELD_INVALID", message, { at: transform.at() });
      }
      checkTransform(context, transform);
      noteUnused(context, settings, kind);
      const shape = dataFacts(context.layer)?.shape;
      return (_, ends) => {
        return context.layer.tops.map((_top, top) => ends.source({ top, shape: top === 0 ? shape : undefined }));
      };
    },
  };
}

export const dataLayerOf = {
  Data: dataLayer("Data"),
  ImageData: dataLayer("ImageData"),
  HDF5Data: dataLayer("HDF5Data"),
  MemoryData: dataLayer("MemoryData"),
};
