import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A net of one convolution and two dense layers; `more` goes into the second of them. */
export function smallNet(more = ""): string {
  return `name: "small"
layer {
  name: "rows" type: "MemoryData" top: "data" top: "label"
  memory_data_param { batch_size: 4 channels: 1 height: 6 width: 6 }
}
layer {
  name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
  convolution_param { num_output: 3 kernel_size: 3 weight_filler { type: "xavier" } }
}
layer {
  name: "ip1" type: "InnerProduct" bottom: "conv1" top: "ip1"
  inner_product_param { num_output: 8 weight_filler { type: "xavier" } ${more} }
}
layer { name: "relu1" type: "ReLU" bottom: "ip1" top: "ip1" }
layer {
  name: "ip2" type: "InnerProduct" bottom: "ip1" top: "ip2"
  inner_product_param { num_output: 4 weight_filler { type: "xavier" } }
}
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip2" bottom: "label" top: "loss" }
`;
}

export const smallSolver = `net: "net.prototxt"
base_lr: 0.05
lr_policy: "fixed"
momentum: 0.9
max_iter: 10
`;

/** Makes a folder with one model, `small/solver.prototxt`, and the net that it names. */
export function makeFolder(directory: string, files: Readonly<Record<string, string>> = {}): string {
  const all = { "small/net.prototxt": smallNet(), "small/solver.prototxt": smallSolver, ...files };
  for (const [path, content] of Object.entries(all)) write(directory, path, content);
  return directory;
}

export function write(directory: string, path: string, content: string): void {
  mkdirSync(join(directory, path, ".."), { recursive: true });
  writeFileSync(join(directory, path), content);
}

/** All files under a folder by path. */
export function filesOf(directory: string): Readonly<Record<string, string>> {
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    paths
      .filter((path) => statSync(join(directory, path)).isFile())
      .map((path) => [path, readFileSync(join(directory, path), "utf8")]),
  );
}

export const recordOf = (directory: string, name = "small/solver.prototxt"): string =>
  join(directory, ".regress", name, "record.json");
