import { describe, expect, test } from "vitest";
import { nameOf } from "../../runtime/layers/tensors.js";
import { importNet, inputNames, inputShapes, layerOf, lossOf, netWith, problemsOf, variablesOf } from "./caffe.js";

const rows = (phase = "", more = ""): string =>
  `layer { name: "rows" type: "MemoryData" top: "data" top: "label" ${phase} ${more}
  memory_data_param { batch_size: 8 channels: 2 height: 3 width: 3 } }\n`;
const ip = (name: string, bottom: string, more = ""): string =>
  `layer { name: "${name}" type: "InnerProduct" bottom: "${bottom}" top: "${name}" ${more}
  inner_product_param { num_output: 4 weight_filler { type: "xavier" } } }\n`;
const relu = (bottom: string, top: string, more = ""): string =>
  `layer { name: "relu_${top}" type: "ReLU" bottom: "${bottom}" top: "${top}" ${more} }\n`;
const loss = (bottom: string, more = "", name = "loss"): string =>
  `layer { name: "${name}" type: "SoftmaxWithLoss" bottom: "${bottom}" bottom: "label" top: "${name}" ${more} }\n`;
const accuracy = (bottom: string, more = "include { phase: TEST }"): string =>
  `layer { name: "accuracy" type: "Accuracy" bottom: "${bottom}" bottom: "label" top: "accuracy" ${more} }\n`;
const train = "include { phase: TRAIN }";
const testOnly = "include { phase: TEST }";

describe("the phases of a net", () => {
  test("TRAIN gives the loss, TEST the metrics, and both share every layer", async () => {
    const { network, notes } = await importNet(
      rows(train) + rows(testOnly) + ip("ip", "data") + accuracy("ip") + loss("ip"),
    );
    expect(lossOf(network)?.layer.inputs[0]).toBe(network.metrics.accuracy?.layer.inputs[0]);
    expect(network.inputs.map(nameOf)).toEqual(["data"]);
    expect(network.labels.map(nameOf)).toEqual(["label"]);
    expect(network.outputs.prob?.layer.type).toBe("softmax");
    expect(notes).toEqual([]);
  });

  test("exclude, levels and stages decide as in Caffe", async () => {
    const extra = (name: string, rule: string): string =>
      `layer { name: "${name}" type: "Sigmoid" bottom: "ip" top: "${name}" ${rule} }\n`;
    const text =
      'state { level: 2 stage: "a" }\n' +
      rows() +
      ip("ip", "data") +
      loss("ip") +
      extra("kept1", "exclude { phase: TEST stage: 'b' }") +
      extra("kept2", "include { min_level: 2 max_level: 2 }") +
      extra("kept3", "include { stage: 'a' } include { stage: 'zz' }") +
      extra("kept4", "include {}") +
      extra("gone1", "include { min_level: 3 }") +
      extra("gone2", "include { stage: 'a' stage: 'b' }") +
      extra("gone3", "include { not_stage: 'a' }") +
      extra("gone4", "exclude { phase: TRAIN } exclude { phase: TEST }");
    const { network } = await importNet(text);
    const names = network.layers.filter(({ type }) => type === "sigmoid").map(({ name }) => name);
    expect(names).toEqual(["kept1", "kept2", "kept3", "kept4"]);
  });

  test("a dropout that only TRAIN has is no difference", async () => {
    const dropout = `layer { name: "drop" type: "Dropout" bottom: "a" top: "a" ${train} }\n`;
    const { network, notes } = await importNet(
      rows() + ip("a", "data") + dropout + ip("b", "a") + accuracy("b") + loss("b"),
    );
    expect(inputNames(network, "b")).toEqual(["drop"]);
    expect(notes).toEqual([]);
  });

  test("any other layer that only one phase has is noted", async () => {
    const { network, notes } = await importNet(
      rows() + ip("a", "data") + relu("a", "a", train) + ip("b", "a") + accuracy("b") + loss("b"),
    );
    expect(inputNames(network, "b")).toEqual(["relu_a"]);
    expect(notes.map(({ at }) => at?.line)).toEqual([6]);
  });

  test("other settings, scales and batch sizes in TEST are noted", async () => {
    const scaled = (value: number): string => `transform_param { scale: ${value} }`;
    const test2 = rows(testOnly, scaled(2)).replace("batch_size: 8", "batch_size: 9");
    const { notes, data, training } = await importNet(rows(train, scaled(0.5)) + test2 + ip("ip", "data") + loss("ip"));
    expect(data.preprocessing).toMatchObject({ data: { scale: 0.5 } });
    expect(training.batchsize).toBe(8);
    expect(notes.map(({ message }) => message)).toEqual([
      expect.stringContaining("scale and mean differ from the TRAIN net's"),
      expect.stringContaining("batch_size 9 has no effect here"),
    ]);
  });

  test("a layer with weights that only TEST has is refused", async () => {
    const problems = await problemsOf(rows() + ip("a", "data") + loss("a") + ip("b", "data", testOnly));
    expect(problems.map(({ code, at }) => [code, at?.line])).toEqual([["CAFFE_PHASE_DIFFERENT", 6]]);
  });

  test("a TEST net without data is left out with a note", async () => {
    const { network, notes } = await importNet(rows(train) + ip("ip", "data") + accuracy("ip") + loss("ip"));
    expect(Object.keys(network.metrics)).toEqual([]);
    expect(notes.map(({ message }) => message)).toEqual([expect.stringContaining("TEST phase has no data layer")]);
  });

  test("two accuracies of one name, one a phase, are one metric", async () => {
    const both = accuracy("ip", train).replace('name: "accuracy"', 'name: "accuracy_train"') + accuracy("ip");
    const { network } = await importNet(rows() + ip("ip", "data") + both + loss("ip"));
    expect(Object.keys(network.metrics)).toEqual(["accuracy"]);
  });
});

describe("the blobs of a net", () => {
  test("in-place layers make the next version of their blob", async () => {
    const sigmoid = 'layer { name: "sig" type: "Sigmoid" bottom: "a" top: "a" }\n';
    const { network } = await importNet(netWith(ip("a", "data") + relu("a", "a") + sigmoid + ip("b", "a")));
    expect(inputNames(network, "b")).toEqual(["sig"]);
    expect(inputNames(network, "sig")).toEqual(["relu_a"]);
  });

  test("a blob may have several users; what nothing uses is an output, in alphabetical order", async () => {
    const { network } = await importNet(netWith(ip("a", "data") + relu("a", "z") + relu("a", "b")));
    expect(Object.keys(network.outputs)).toEqual(["b", "z"]);
  });

  test("an in-place layer must be the only user of its blob", async () => {
    const problems = await problemsOf(netWith(ip("a", "data") + relu("a", "b") + relu("a", "a")));
    expect(problems.map(({ code }) => code)).toEqual(["CAFFE_TOP_DUPLICATE"]);
    expect(problems[0]?.message).toContain("also used by");
  });

  test("layers that do not work in place are refused there", async () => {
    const flatten = 'layer { name: "f" type: "Flatten" bottom: "a" top: "a" }\n';
    const problems = await problemsOf(netWith(ip("a", "data") + flatten));
    expect(problems[0]?.message).toContain("does not work in place");
  });

  test("Split hands a blob on and Silence takes one away", async () => {
    const split = 'layer { name: "s" type: "Split" bottom: "a" top: "a1" top: "a2" }\n';
    const silence = 'layer { name: "q" type: "Silence" bottom: "a2" }\n';
    const { network } = await importNet(netWith(ip("a", "data") + split + relu("a1", "b") + silence));
    expect(inputNames(network, "relu_b")).toEqual(["a"]);
    expect(Object.keys(network.outputs)).toEqual(["b"]);
  });

  test("labels fed to a layer that computes are refused", async () => {
    const problems = await problemsOf(rows() + ip("ip", "label") + loss("ip"));
    expect(problems.map(({ code }) => code)).toEqual(["CAFFE_BOTTOM_INVALID"]);
  });

  test("layers of one name are told apart, with a note", async () => {
    const { network, notes } = await importNet(
      netWith(ip("a", "data") + ip("a", "data").replace('top: "a"', 'top: "b"')),
    );
    expect(network.variables.map(({ name }) => name)).toEqual(["a.weight", "a.bias", "a_2.weight", "a_2.bias"]);
    expect(notes.map(({ message }) => message)).toEqual([expect.stringContaining(`"a_2"`)]);
  });

  test("weights shared by name are refused at the second place", async () => {
    const shared = 'param { name: "w" }';
    const problems = await problemsOf(netWith(ip("a", "data", shared) + ip("b", "data", shared)));
    expect(problems.map(({ code, at }) => [code, at?.line])).toEqual([["CAFFE_FIELD_UNSUPPORTED", 4]]);
  });
});

describe("the inputs of a net", () => {
  const body = ip("ip", "data");

  test.each([
    ["an Input layer", netWith(body, [2, 4, 4])],
    ["input and input_dim", `input: "data" input_dim: [1, 2, 4, 4]\n${body}`],
    ["input and input_shape", `input: "data" input_shape { dim: [1, 2, 4, 4] }\n${body}`],
    [
      "input_shape before input_dim",
      `input: "data" input_dim: [1, 9, 9, 9] input_shape { dim: 1 dim: 2 dim: 4 dim: 4 }\n${body}`,
    ],
  ])("are read from %s", async (_what, text) => {
    const { network } = await importNet(text);
    expect(network.inputs[0]?.shape).toEqual(["N", 2, 4, 4]);
    expect(network.layers[0]?.at?.line).toBe(1);
  });

  test("that do not fit their shapes are refused", async () => {
    expect((await problemsOf(`input: "data" input_dim: [1, 2]\n${body}`))[0]?.code).toBe("CAFFE_FIELD_INVALID");
    expect((await problemsOf(`input: "data" input_dim: [1, 2, 0, 4]\n${body}`))[0]?.message).toContain(
      "shape.dim is 0",
    );
  });

  const data = (transform: string): string =>
    `layer { name: "rows" type: "Data" top: "data" top: "label" transform_param { ${transform} } data_param { batch_size: 8 } }\n${body}${loss("ip")}`;

  test.each([
    ["crop_size and one mean a channel", "crop_size: 5 mean_value: [1, 2, 3]", [3, 5, 5]],
    ["crop_size and force_gray", "crop_size: 5 force_gray: true", [1, 5, 5]],
  ])("of a Data layer follow from %s", async (_what, transform, shape) => {
    const { network } = await importNet(data(transform));
    expect(network.inputs[0]?.shape).toEqual(["N", ...shape]);
  });

  test("of a Data layer that does not say its shape are asked for", async () => {
    const problems = await problemsOf(data("crop_size: 5"));
    expect(problems[0]?.code).toBe("CAFFE_INPUT_SHAPE_MISSING");
    expect(problems[0]?.hint).toContain("--input-shape");
    const { network } = await importNet(data("crop_size: 5"), { inputShape: [1, 6, 6] });
    expect(network.inputs[0]?.shape).toEqual(["N", 1, 6, 6]);
  });

  test("of an ImageData layer follow from new_height and new_width", async () => {
    const text = data("")
      .replace('"Data"', '"ImageData"')
      .replace("data_param { batch_size: 8 }", "image_data_param { batch_size: 8 new_height: 7 new_width: 6 }");
    const { network } = await importNet(text);
    expect(network.inputs[0]?.shape).toEqual(["N", 3, 7, 6]);
  });

  test("given by the user win over the file's, with a note", async () => {
    const { network, notes } = await importNet(netWith(body, [2, 4, 4]), { inputShape: [2, 5, 5] });
    expect(network.inputs[0]?.shape).toEqual(["N", 2, 5, 5]);
    expect(notes[0]?.message).toContain("not the file's 2×4×4");
  });

  test("get a scale and means", async () => {
    const { data } = await importNet(
      rows("", "transform_param { scale: 0.5 mean_value: 3 mean_value: 4 }") + body + loss("ip"),
    );
    expect(data.preprocessing).toMatchObject({ data: { scale: 0.5, mean: [3, 4] } });
  });
});

describe("the losses of a net", () => {
  const base = rows() + ip("ip", "data");

  test("may have a weight; one of 0 is a metric", async () => {
    const { network } = await importNet(base + loss("ip", "loss_weight: 0.3") + loss("ip", "loss_weight: 0", "extra"));
    expect(lossOf(network)?.layer.options).toEqual({ weight: 0.3 });
    expect(Object.keys(network.metrics)).toEqual(["extra"]);
  });

  test("may be several, under their layers' names, each with its weight", async () => {
    const { network } = await importNet(base + loss("ip") + loss("ip", "loss_weight: 0.3", "loss2"));
    expect(Object.keys(network.losses)).toEqual(["main_loss", "loss2"]);
    expect(network.losses.loss2?.scalar.layer.options).toEqual({ weight: 0.3 });
    expect(Object.keys(network.outputs)).toEqual(["prob"]);
  });

  test("hand out probabilities at their second top", async () => {
    const { network } = await importNet(base + loss("ip", 'top: "p"'));
    expect(Object.keys(network.outputs)).toEqual(["p"]);
  });

  test("of one place a row have the same mean in every normalization but NONE", async () => {
    for (const param of ["normalization: FULL", "normalization: BATCH_SIZE", "normalize: false", "normalize: true"]) {
      const { network } = await importNet(base + loss("ip", `loss_param { ${param} }`));
      expect(lossOf(network)?.layer.options).toEqual({});
    }
    const problems = await problemsOf(base + loss("ip", "loss_param { normalization: NONE ignore_label: 3 }"));
    expect(problems.map(({ code }) => code)).toEqual(["CAFFE_FIELD_UNSUPPORTED", "CAFFE_FIELD_UNSUPPORTED"]);
  });

  test("of several places a row are summed over them by BATCH_SIZE", async () => {
    const conv =
      'layer { name: "c" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 4 kernel_size: 1 } }\n';
    const { network } = await importNet(rows() + conv + loss("c", "loss_param { normalization: BATCH_SIZE }"));
    expect(lossOf(network)?.layer.options).toEqual({ weight: 9 });
    expect(network.labels[0]?.shape).toEqual(["N", 3, 3]);
  });

  test("can be Euclidean, against a target in either place", async () => {
    for (const [a, b] of [
      ["ip", "label"],
      ["label", "ip"],
    ]) {
      const text = `${base}layer { name: "l2" type: "EuclideanLoss" bottom: "${a}" bottom: "${b}" top: "l2" }\n`;
      const { network } = await importNet(text);
      expect(lossOf(network)?.layer.options).toEqual({ reduction: "halfSum" });
      expect(network.labels.map(({ layer, shape }) => [layer.type, shape])).toEqual([["target", ["N", 4]]]);
      expect(Object.keys(network.outputs)).toEqual(["ip"]);
    }
  });

  test("can compare with the input, as an autoencoder does", async () => {
    const decode = ip("out", "ip").replace("num_output: 4", "num_output: 18");
    const text = `${base.replace('top: "label"', "")}${decode}layer { name: "l2" type: "EuclideanLoss" bottom: "out" bottom: "data" top: "l2" }\n`;
    const { network } = await importNet(text);
    expect(network.labels).toEqual([]);
    expect(inputShapes(lossOf(network)?.layer)).toEqual([[18], [18]]);
  });

  test("need labels that come from data", async () => {
    const problems = await problemsOf(base + relu("ip", "r") + loss("ip").replace('"label"', '"r"'));
    expect(problems.map(({ code }) => code)).toEqual(["CAFFE_BOTTOM_INVALID"]);
  });
});

test("a net in the old form of `layers` is read as the new one", async () => {
  const { network, data } = await importNet(
    `
layers { name: "rows" type: DATA top: "data" top: "label" data_param { batch_size: 4 scale: 0.5 crop_size: 8 } include: { phase: TRAIN } }
layers { name: "conv" type: CONVOLUTION bottom: "data" top: "conv" blobs_lr: 1 blobs_lr: 2 weight_decay: 1 weight_decay: 0
  convolution_param { num_output: 2 kernel_size: 3 weight_filler { type: "xavier" } } }
layers { name: "relu" type: RELU bottom: "conv" top: "conv" }
layers { name: "loss" type: SOFTMAX_LOSS bottom: "ip" bottom: "label" top: "loss" }
`.replace(
      'layers { name: "loss"',
      'layers { name: "ip" type: INNER_PRODUCT bottom: "conv" top: "ip" inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }\nlayers { name: "loss"',
    ),
    { inputShape: [1, 8, 8] },
  );
  expect(network.layers.map(({ type }) => type)).toEqual([
    "input",
    "conv2d",
    "relu",
    "dense",
    "label",
    "softmaxCrossEntropy",
    "softmax",
  ]);
  expect(variablesOf(layerOf(network, "conv")).map(({ lr, decay }) => [lr, decay])).toEqual([
    [1, 1],
    [2, 0],
  ]);
  expect(data.preprocessing).toMatchObject({ data: { scale: 0.5 } });
});

test("in an old data layer what has moved to transform_param counts there, whatever it says, and has no note", async () => {
  const { data, notes } = await importNet(
    `layers { name: "rows" type: DATA top: "data" top: "label" data_param { batch_size: 4 scale: 0.5 } transform_param { scale: 0.25 mean_value: 3 } }
layers { name: "ip" type: INNER_PRODUCT bottom: "data" top: "ip" inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }
layers { name: "loss" type: SOFTMAX_LOSS bottom: "ip" bottom: "label" top: "loss" }`,
    { inputShape: [1, 8, 8] },
  );
  expect(data.preprocessing).toMatchObject({ data: { scale: 0.5, mean: [3] } });
  expect(notes).toEqual([]);
});
