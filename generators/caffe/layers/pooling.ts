import { averagePool2d, maxPool2d } from "../../../runtime/layers/index.js";
import type { Message } from "../../source/prototxt/message.js";
import { ignoreEngine, placed, tensorOf, tensorValue } from "./support.js";
import type { CaffeLayer, LayerContext } from "./types.js";
import { type Pair, readPair, shortPair, windowFields } from "./windows.js";

interface Window {
  readonly global?: boolean;
  readonly kernel?: number | Pair;
  readonly stride?: number | Pair;
  readonly pad?: number | Pair;
  readonly rounding?: "ceil" | "floor";
}

/** With global_pooling the window is the image: a kernel is an error, and so are pad and stride (pooling_layer.cpp). */
function readGlobal(context: LayerContext, settings: Message): Window {
  const kernel = ["kernel_size", "kernel_h", "kernel_w"].find((field) => settings.has(field));
  if (kernel !== undefined) {
    const message = `it has global_pooling and ${kernel}, expected one of them`;
    context.problem("CAFFE_FIELD_INVALID", message, { at: settings.at(kernel) });
  }
  const pad = readPair(context, settings, windowFields.pad) ?? [0, 0];
  const stride = readPair(context, settings, windowFields.stride) ?? [1, 1];
  if (pad.some((value) => value !== 0) || stride.some((value) => value !== 1)) {
    const message = `it has global_pooling with pad ${pad.join("×")} and stride ${stride.join("×")}, expected pad 0 and stride 1`;
    context.problem("CAFFE_FIELD_INVALID", message, { at: settings.at("global_pooling") });
  }
  context.ignore(settings, ["round_mode"], "a global window leaves nothing to round");
  return { global: true };
}

function readWindow(context: LayerContext, settings: Message): Window {
  if (settings.boolean("global_pooling")) return readGlobal(context, settings);
  const kernel = readPair(context, settings, windowFields.kernel);
  const stride = readPair(context, settings, windowFields.stride) ?? [1, 1];
  const pad = readPair(context, settings, windowFields.pad) ?? [0, 0];
  if (kernel !== undefined && pad.some((value, axis) => value >= (kernel[axis] ?? 0))) {
    const message = `its pad is ${pad.join("×")} and its kernel ${kernel.join("×")}, expected a pad smaller than the kernel`;
    const field = ["pad", "pad_h", "pad_w"].find((name) => settings.has(name));
    context.problem("CAFFE_FIELD_INVALID", message, { at: settings.at(field) });
  }
  return {
    ...(kernel === undefined ? {} : { kernel: shortPair(kernel) }),
    stride: shortPair(stride),
    pad: shortPair(pad),
    rounding: settings.text("round_mode") === "FLOOR" ? "floor" : "ceil",
  };
}

/** Maximum or mean over windows; the output size is rounded up unless round_mode is FLOOR (pooling_layer.cpp, Reshape) */
export const poolingLayer: CaffeLayer = {
  bottoms: [1, 1],
  tops: [1, 2],
  parameters: ["pooling_param"],
  read: (context) => {
    const settings = context.settings("pooling_param");
    const method = settings.text("pool");
    if (method === "STOCHASTIC") {
      const message = "its pool is STOCHASTIC, expected MAX or AVE; it is not supported";
      context.problem("CAFFE_FIELD_UNSUPPORTED", message, { at: settings.at("pool") });
    }
    const mask = context.layer.tops[1];
    if (mask !== undefined) {
      const message = `its second top "${mask.name}" is the mask of maxima, which is not supported yet`;
      context.problem("CAFFE_FIELD_UNSUPPORTED", message, { at: mask.at });
    }
    const window = readWindow(context, settings);
    ignoreEngine(context, settings);
    return ([bottom]) => {
      const pool = method === "AVE" ? averagePool2d : maxPool2d;
      return [tensorValue(pool(tensorOf(bottom), { ...placed(context), ...window }))];
    };
  },
};
