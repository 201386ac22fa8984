import { describe, expect, test } from "vitest";
import { sampleShape } from "../../runtime/layers/tensors.js";
import { importNet, layerOf, layerText, netWith, problemsOf, variablesOf } from "./caffe.js";

const filler = 'weight_filler { type: "xavier" }';
const conv = (fields: string): string =>
  layerText("Convolution", `convolution_param { num_output: 6 ${filler} ${fields} }`);
const pool = (fields: string): string => layerText("Pooling", `pooling_param { ${fields} }`);

/** What a layer's options and shape must be, from a 3 × 11 × 9 input. */
const built: readonly (readonly [
  what: string,
  text: string,
  type: string,
  options: object,
  shape: readonly number[],
])[] = [
  ["a square convolution", conv("kernel_size: 3"), "conv2d", { filters: 6, kernel: 3 }, [6, 9, 7]],
  [
    "a convolution with two kernel sizes",
    conv("kernel_size: 3 kernel_size: 5"),
    "conv2d",
    { filters: 6, kernel: [3, 5] },
    [6, 9, 5],
  ],
  [
    "a convolution with kernel_h and kernel_w",
    conv("kernel_h: 1 kernel_w: 4"),
    "conv2d",
    { filters: 6, kernel: [1, 4] },
    [6, 11, 6],
  ],
  [
    "pads and strides of each axis",
    conv("kernel_size: 3 pad_h: 2 pad_w: 1 stride_h: 2 stride_w: 3"),
    "conv2d",
    { filters: 6, kernel: 3, pad: [2, 1], stride: [2, 3] },
    [6, 7, 3],
  ],
  ["one pad_h alone", conv("kernel_size: 3 pad_h: 1"), "conv2d", { filters: 6, kernel: 3, pad: [1, 0] }, [6, 11, 7]],
  ["a dilation", conv("kernel_size: 3 dilation: 2"), "conv2d", { filters: 6, kernel: 3, dilation: 2 }, [6, 7, 5]],
  ["groups", conv("kernel_size: 3 group: 3"), "conv2d", { filters: 6, kernel: 3, groups: 3 }, [6, 9, 7]],
  [
    "a convolution without bias",
    conv("kernel_size: 3 bias_term: false"),
    "conv2d",
    { filters: 6, kernel: 3, bias: false },
    [6, 9, 7],
  ],
  [
    "the channel axis counted from the end",
    conv("kernel_size: 3 axis: -3"),
    "conv2d",
    { filters: 6, kernel: 3 },
    [6, 9, 7],
  ],
  [
    "max pooling, which rounds up",
    pool("kernel_size: 2 stride: 2"),
    "maxPool2d",
    { kernel: 2, stride: 2, rounding: "ceil" },
    [3, 6, 5],
  ],
  [
    "max pooling that rounds down",
    pool("kernel_size: 2 stride: 2 round_mode: FLOOR"),
    "maxPool2d",
    { kernel: 2, stride: 2 },
    [3, 5, 4],
  ],
  [
    "average pooling with padding",
    pool("pool: AVE kernel_size: 3 stride: 2 pad: 1"),
    "averagePool2d",
    { kernel: 3, stride: 2, pad: 1, rounding: "ceil" },
    [3, 6, 5],
  ],
  [
    "the clip of the last padded window",
    pool("kernel_size: 2 stride: 2 pad: 1"),
    "maxPool2d",
    { kernel: 2, stride: 2, pad: 1, rounding: "ceil" },
    [3, 6, 5],
  ],
  ["global pooling", pool("pool: AVE global_pooling: true"), "averagePool2d", { global: true }, [3, 1, 1]],
  [
    "a fully connected layer",
    layerText("InnerProduct", `inner_product_param { num_output: 7 ${filler} }`),
    "dense",
    { units: 7 },
    [7],
  ],
  [
    "a fully connected layer with an axis from the end",
    layerText("InnerProduct", `inner_product_param { num_output: 7 axis: -3 ${filler} }`),
    "dense",
    { units: 7 },
    [7],
  ],
  ["a rectifier", layerText("ReLU", ""), "relu", {}, [3, 11, 9]],
  [
    "a leaky rectifier",
    layerText("ReLU", "relu_param { negative_slope: 0.1 }"),
    "leakyRelu",
    { slope: 0.1 },
    [3, 11, 9],
  ],
  ["ELU", layerText("ELU", "elu_param { alpha: 2 }"), "elu", { alpha: 2 }, [3, 11, 9]],
  ["Sigmoid", layerText("Sigmoid", ""), "sigmoid", {}, [3, 11, 9]],
  ["TanH", layerText("TanH", ""), "tanh", {}, [3, 11, 9]],
  ["BNLL", layerText("BNLL", ""), "softplus", {}, [3, 11, 9]],
  ["Swish", layerText("Swish", "swish_param { beta: 0.5 }"), "swish", { beta: 0.5 }, [3, 11, 9]],
  ["Dropout", layerText("Dropout", "dropout_param { dropout_ratio: 0.3 }"), "dropout", { rate: 0.3 }, [3, 11, 9]],
  ["Flatten", layerText("Flatten", ""), "flatten", {}, [297]],
  ["Softmax over channels", layerText("Softmax", ""), "softmax", {}, [3, 11, 9]],
  ["Softmax with its axis from the end", layerText("Softmax", "softmax_param { axis: -3 }"), "softmax", {}, [3, 11, 9]],
];

const refused: readonly (readonly [what: string, text: string, code: string, words: string])[] = [
  ["no kernel", conv(""), "CAFFE_FIELD_MISSING", "no kernel_size"],
  ["both forms of the kernel", conv("kernel_size: 3 kernel_h: 3"), "CAFFE_FIELD_INVALID", "one form or the other"],
  ["half of the kernel", conv("kernel_h: 3"), "CAFFE_FIELD_MISSING", "only one of kernel_h and kernel_w"],
  ["stride 0", conv("kernel_size: 3 stride: 0"), "CAFFE_FIELD_INVALID", "stride is 0"],
  ["three kernel sizes", conv("kernel_size: [3, 3, 3]"), "CAFFE_FIELD_UNSUPPORTED", "3 values"],
  ["groups that do not divide the filters", conv("kernel_size: 3 group: 4"), "CAFFE_FIELD_INVALID", "group is 4"],
  ["groups that do not divide the channels", conv("kernel_size: 3 group: 2"), "LAYER_SHAPE_MISMATCH", "2 groups"],
  ["another channel axis", conv("kernel_size: 3 axis: 2"), "CAFFE_FIELD_UNSUPPORTED", "axis is 2"],
  [
    "more param entries than arrays",
    layerText("Convolution", `param {} param {} param {} convolution_param { num_output: 6 kernel_size: 3 ${filler} }`),
    "CAFFE_FIELD_INVALID",
    "3 param entries",
  ],
  [
    "a negative lr_mult",
    layerText("Convolution", `param { lr_mult: -1 } convolution_param { num_output: 6 kernel_size: 3 ${filler} }`),
    "CAFFE_FIELD_INVALID",
    "lr_mult is -1",
  ],
  ["param entries without weights", layerText("ReLU", "param {}"), "CAFFE_FIELD_INVALID", "nothing to learn"],
  [
    "a sparse filler",
    conv('kernel_size: 3 bias_filler { type: "gaussian" sparse: 3 }'),
    "CAFFE_FIELD_UNSUPPORTED",
    "sparse is 3",
  ],
  [
    "a uniform filler upside down",
    conv('kernel_size: 3 bias_filler { type: "uniform" min: 2 }'),
    "CAFFE_FIELD_INVALID",
    "min 2 and max 1",
  ],
  [
    "a filler that is not finite",
    conv("kernel_size: 3 bias_filler { value: inf }"),
    "CAFFE_FIELD_INVALID",
    "expected a finite number",
  ],
  ["stochastic pooling", pool("pool: STOCHASTIC kernel_size: 2"), "CAFFE_FIELD_UNSUPPORTED", "STOCHASTIC"],
  ["a pad as large as the kernel", pool("kernel_size: 2 pad: 2"), "CAFFE_FIELD_INVALID", "smaller than the kernel"],
  [
    "global pooling with a kernel",
    pool("global_pooling: true kernel_size: 2"),
    "CAFFE_FIELD_INVALID",
    "global_pooling and kernel_size",
  ],
  [
    "global pooling with a stride",
    pool("global_pooling: true stride: 2"),
    "CAFFE_FIELD_INVALID",
    "expected pad 0 and stride 1",
  ],
  [
    "a window outside the image",
    pool("kernel_size: 1 stride: 9"),
    "LAYER_SHAPE_MISMATCH",
    "every window to touch the image",
  ],
  [
    "transposed weights",
    layerText("InnerProduct", `inner_product_param { num_output: 7 transpose: true ${filler} }`),
    "CAFFE_FIELD_UNSUPPORTED",
    "transpose",
  ],
  [
    "an inner product of a later axis",
    layerText("InnerProduct", `inner_product_param { num_output: 7 axis: 2 ${filler} }`),
    "CAFFE_FIELD_UNSUPPORTED",
    "axis is 2",
  ],
  [
    "a dropout of everything",
    layerText("Dropout", "dropout_param { dropout_ratio: 1 }"),
    "CAFFE_FIELD_INVALID",
    "dropout_ratio is 1",
  ],
  [
    "Flatten of some axes",
    layerText("Flatten", "flatten_param { end_axis: 2 }"),
    "CAFFE_FIELD_UNSUPPORTED",
    "end_axis is 2",
  ],
  [
    "Softmax of another axis",
    layerText("Softmax", "softmax_param { axis: 2 }"),
    "CAFFE_FIELD_UNSUPPORTED",
    "axis is 2",
  ],
  [
    "two bottoms where one is taken",
    'layer { name: "x" type: "ReLU" bottom: "data" bottom: "data" top: "x" }',
    "CAFFE_BOTTOM_COUNT",
    "2 bottoms",
  ],
  [
    "include and exclude",
    layerText("ReLU", "include {} exclude { phase: TRAIN }"),
    "CAFFE_FIELD_INVALID",
    "include and exclude",
  ],
  ["a stopped gradient", layerText("ReLU", "propagate_down: false"), "CAFFE_FIELD_UNSUPPORTED", "propagate_down"],
  ["weights in the text", layerText("ReLU", "blobs { data: 1 }"), "CAFFE_FIELD_UNSUPPORTED", "blobs"],
  [
    "a loss weight on a layer that is no loss",
    layerText("ReLU", "loss_weight: 1"),
    "CAFFE_FIELD_UNSUPPORTED",
    "loss_weight 1",
  ],
];

describe("a Caffe layer", () => {
  test.each(built)("becomes its layer of the network: %s", async (_what, text, type, options, shape) => {
    const { network, notes } = await importNet(netWith(text));
    const layer = layerOf(network, "x");
    expect({ type: layer.type, options: layer.options, shape: sampleShape(layer.outputs[0]?.shape ?? []) }).toEqual({
      type,
      options,
      shape,
    });
    expect(layer.at).toMatchObject({ line: 2, column: 1 });
    expect(notes).toEqual([]);
  });

  test.each(refused)("is refused with the reason: %s", async (_what, text, code, words) => {
    const problems = await problemsOf(netWith(text));
    expect(problems.map((problem) => problem.code)).toEqual(problems.map(() => code));
    expect(problems[0]?.message).toContain(words);
    expect(problems[0]?.at).toMatchObject({ line: 2 });
  });

  test.each([
    ['type: "constant" value: 0.5', { type: "constant", options: { value: 0.5 } }],
    ['type: "uniform" min: -1 max: 2', { type: "uniform", options: { min: -1, max: 2 } }],
    ['type: "gaussian" mean: 1 std: 0.01', { type: "gaussian", options: { mean: 1, std: 0.01 } }],
    ['type: "xavier"', { type: "xavier", options: {} }],
    ['type: "xavier" variance_norm: AVERAGE', { type: "xavier", options: { fan: "average" } }],
    ['type: "msra" variance_norm: FAN_OUT', { type: "msra", options: { fan: "out" } }],
  ])("starts its weights as the filler { %s } says", async (fields, initializer) => {
    const text = layerText(
      "Convolution",
      `convolution_param { num_output: 2 kernel_size: 1 weight_filler { ${fields} } }`,
    );
    const { network } = await importNet(netWith(text));
    expect(variablesOf(layerOf(network, "x"))[0]?.initializer).toMatchObject(initializer);
  });

  test("starts its weights at 0 without a filler, with a note where the net is trained", async () => {
    const text = netWith(layerText("InnerProduct", "inner_product_param { num_output: 2 }"));
    const { network, notes } = await importNet(text);
    expect(variablesOf(layerOf(network, "x"))[0]?.initializer).toMatchObject({ type: "constant" });
    expect(notes).toEqual([]);
    const loss = 'layer { name: "loss" type: "EuclideanLoss" bottom: "x" bottom: "y" top: "loss" }';
    const target = 'layer { name: "y" type: "Input" top: "y" input_param { shape { dim: 1 dim: 2 } } }';
    const trained = await importNet(`${text}\n${target}\n${loss}`);
    expect(trained.notes.map(({ message }) => message)).toEqual([expect.stringContaining("weights start at 0")]);
    const below = 'layer { name: "z" type: "InnerProduct" bottom: "x" top: "z" inner_product_param { num_output: 2 } }';
    const both = await importNet(`${text}\n${below}\n${target}\n${loss.replace('bottom: "x"', 'bottom: "z"')}`);
    expect(both.notes.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^2 layers: their weights start at 0, .*: "x" \(line \d+\), "z" \(line \d+\)$/),
    ]);
  });

  test("learns at the rates of its param entries", async () => {
    const params = "param { lr_mult: 0.5 decay_mult: 0 } param { lr_mult: 2 }";
    const text = layerText("Convolution", `${params} convolution_param { num_output: 2 kernel_size: 1 ${filler} }`);
    const { network } = await importNet(netWith(text));
    expect(network.variables.map(({ lr, decay }) => [lr, decay])).toEqual([
      [0.5, 0],
      [2, 1],
    ]);
  });

  test("leaves a note for every field without effect", async () => {
    const text = layerText(
      "Convolution",
      `phase: TEST relu_param {} convolution_param { num_output: 2 kernel_size: 1 engine: CUDNN ${filler} }`,
    );
    const { notes } = await importNet(netWith(text));
    expect(notes.map(({ message }) => message.split(" ").slice(3).join(" ")).sort()).toEqual([
      expect.stringMatching(/^engine has no effect here: ./),
      expect.stringMatching(/^phase has no effect here: ./),
      expect.stringMatching(/^relu_param has no effect here: ./),
    ]);
  });
});
