import { expect, test } from "vitest";
import { importNet } from "./caffe.js";

const rows = (transform: string, phase = "") =>
  `layer { name: "rows${phase}" type: "MemoryData" top: "data" top: "label" transform_param { ${transform} } memory_data_param { batch_size: 2 channels: 3 height: 8 width: 8 } ${phase === "" ? "" : `include: { phase: ${phase} }`} }`;
const rest = `layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip" inner_product_param { num_output: 3 } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" top: "loss" }`;

test("crop_size and mirror are what is done to images of the training", async () => {
  const { data, network, notes } = await importNet(`${rows("crop_size: 5 mirror: true")}\n${rest}`);
  expect(data).toMatchObject({ crop: true, mirror: true });
  expect(network.inputs[0]?.shape).toEqual(["N", 3, 5, 5]);
  expect(notes.filter(({ message }) => /crop|mirror/.test(message))).toEqual([]);
});

test("without them nothing is done, and a mirror of the TEST net is told", async () => {
  const { data, notes } = await importNet(`${rows("scale: 1", "TRAIN")}\n${rows("mirror: true", "TEST")}\n${rest}`);
  expect(data.crop).toBeUndefined();
  expect(data.mirror).toBeUndefined();
  expect(notes.map(({ message }) => message)).toContainEqual(
    expect.stringContaining("mirror has no effect here: images are not turned to validate"),
  );
});
