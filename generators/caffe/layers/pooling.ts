import { averagePool2d, maxPool2d } from "../../../runtime/layers/index.js";
import { type Field, fieldRules } from "../../source/fields/field.js";
import { flag } from "../../source/fields/kinds.js";
import { choice } from "../../source/fields/words.js";
import { unless } from "../../source/fields/wrappers.js";
import { caffeLayer } from "./row.js";
import { engineIsElsewhere, placed, tensorOf, tensorValue } from "./support.js";
import { type Pair, shortPair, windowField, windowFields } from "./windows.js";

const kernel = windowField(windowFields.kernel);

/** A window of its own, or undefined for one that is the whole image. */
const kernelUnlessGlobal: Field<Pair | undefined> = {
  ...kernel,
  read: (reading) => {
    const { source, report } = reading;
    if (source.one("global_pooling") !== true) return kernel.read(reading);
    const given = kernel.names?.find((name) => source.given.includes(name));
    if (given === undefined) return { value: undefined };
    report.problem("invalid", `it has global_pooling and ${given}, expected one of them`, { at: source.at(given) });
    return undefined;
  },
};

const rules = fieldRules({
  message: "PoolingParameter",
  fields: {
    pool: choice({ MAX: maxPool2d, AVE: averagePool2d }, { STOCHASTIC: "it is not supported" }),
    global_pooling: flag(),
    kernel: kernelUnlessGlobal,
    stride: windowField(windowFields.stride),
    pad: windowField(windowFields.pad),
    round_mode: unless(choice({ CEIL: "ceil", FLOOR: "floor" }), {
      when: (source) => source.one("global_pooling") === true,
      because: "a global window leaves nothing to round",
    }),
  },
  ignored: { engine: engineIsElsewhere },
  checks: [
    {
      of: ["global_pooling", "stride", "pad"],
      check: ({ global_pooling, stride, pad }, { problem }) => {
        if (!global_pooling || (pad.every((value) => value === 0) && stride.every((value) => value === 1))) return;
        const found = `it has global_pooling with pad ${pad.join("×")} and stride ${stride.join("×")}`;
        problem("invalid", `${found}, expected pad 0 and stride 1`, "global_pooling");
      },
    },
    {
      of: ["kernel", "pad"],
      check: ({ kernel: size, pad }, { has, problem }) => {
        if (size === undefined || pad.every((value, axis) => value < (size[axis] ?? 0))) return;
        const found = `its pad is ${pad.join("×")} and its kernel ${size.join("×")}`;
        const at = ["pad", "pad_h", "pad_w"].find(has);
        problem("invalid", `${found}, expected a pad smaller than the kernel`, at);
      },
    },
  ],
});

/**
 * Maximum or mean over windows; the output size is rounded up unless round_mode is FLOOR (pooling_layer.cpp, Reshape). With
 * global_pooling the window is the image: a kernel is an error, and so are pad and stride
 */
export const poolingLayer = caffeLayer({
  bottoms: [1, 1],
  tops: [1, 2],
  parameters: { pooling_param: rules },
  make: ({ pooling_param: { pool, kernel: size, stride, pad, round_mode } }, context) => {
    const mask = context.layer.tops[1];
    if (mask !== undefined) {
      const message = `its second top "${mask.name}" is the mask of maxima, which is not supported yet`;
      context.problem("CAFFE_FIELD_UNSUPPORTED", message, { at: mask.at });
    }
    const window =
      size === undefined
        ? { global: true }
        : { kernel: shortPair(size), stride: shortPair(stride), pad: shortPair(pad), rounding: round_mode };
    return ([bottom]) => [tensorValue(pool(tensorOf(bottom), { ...placed(context), ...window }))];
  },
});
