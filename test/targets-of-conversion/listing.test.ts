import { describe, expect, test } from "vitest";
import type { ImportedModel } from "../../generators/imported.js";
import { convertModel, type Targets, targets } from "../../generators/targets/index.js";
import { isBaseError } from "../../runtime/errors.js";
import { importNet } from "../caffe/caffe.js";
import { listingTarget } from "./listing/index.js";

const table: Targets = { ...targets, listing: listingTarget };

const net = (middle: string): Promise<ImportedModel> =>
  importNet(`layer { name: "rows" type: "MemoryData" top: "data" top: "label" memory_data_param { batch_size: 8 channels: 1 height: 2 width: 2 } }
layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip" inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }
${middle}
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" top: "loss" include { phase: TRAIN } }`);

const convert = (model: ImportedModel) => convertModel(model, "listing", { runtime: "^0.1.0" }, table);

describe("a second target is a folder and a row", () => {
  test("whose product is the same bytes each time", async () => {
    const { network, ...rest } = await net("");
    const withoutOutputs = {
      ...rest,
      network: { ...network, layers: network.layers.filter(({ type }) => type !== "softmax") },
    };
    const files = await convert(withoutOutputs);
    expect(files["listing.txt"]).toBe('input data\nip: {"units":3}\nlabel label\nloss loss\n');
    expect(await convert(withoutOutputs)).toEqual(files);
  });

  test("that refuses all layers it cannot print, each with its place", async () => {
    const model = await net(`layer { name: "relu" type: "ReLU" bottom: "ip" top: "ip" }
layer { name: "drop" type: "Dropout" bottom: "ip" top: "ip" }`);
    const error: unknown = await convert(model).catch((reason: unknown) => reason);
    const problems = isBaseError(error) ? error.problems : [];
    expect(problems.map(({ code, at, message }) => [code, at?.line, message])).toEqual([
      ["TARGET_LAYER_UNSUPPORTED", 3, 'layer "relu" is of type relu, which the target listing has no printer for'],
      ["TARGET_LAYER_UNSUPPORTED", 4, 'layer "drop" is of type dropout, which the target listing has no printer for'],
      ["TARGET_LAYER_UNSUPPORTED", 5, 'layer "prob" is of type softmax, which the target listing has no printer for'],
    ]);
  });
});
