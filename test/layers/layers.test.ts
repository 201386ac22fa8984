import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  conv2d,
  dense,
  describeNetwork,
  dropout,
  input,
  layers,
  model,
  networksEqual,
  softmax,
  softmaxCrossEntropy,
  type Tensor,
  tanh,
} from "../../runtime/layers/index.js";
import type { LayerNode } from "../../runtime/layers/types.js";
import { digit, image, misuses, vector } from "./misuses.js";
import { buildCase, isVariadic, layerFunction, type Made, recordedCases, titled } from "./recorded.js";
import { refusal } from "./refusal.js";
import { runLayer } from "./run-layer.js";

/** Rows whose numbers are not in PyTorch's record, and where they are checked instead. */
const checkedElsewhere: Readonly<Record<string, string>> = {
  input: "sources are fed: every recorded case",
  label: "sources are fed: the recorded losses",
  target: "sources are fed: the recorded losses",
  variable: "variables.test.ts",
  accuracy: "accuracy.test.ts",
  binaryAccuracy: "accuracy.test.ts",
};

/** Options that only say how variables start: what they start as is fed in the recorded cases. */
const startOptions: ReadonlySet<string> = new Set([
  "weights",
  "recurrentWeights",
  "slopes",
  "mean",
  "variance",
  "lr",
  "decay",
]);

/** The sources of all layers. */
const directory = new URL("../../runtime/layers/", import.meta.url);
const sources = readdirSync(directory).map((file) => readFileSync(new URL(file, directory), "utf8"));

const rows = Object.keys(layers) as readonly (keyof typeof layers)[];

describe.each(rows)("the layer %s", (type) => {
  test("has its own name as the key of its row", () => {
    expect(layers[type].type).toBe(type);
  });

  test("has values and gradients that PyTorch recorded", () => {
    const cases = recordedCases.filter(({ layer }) => layer === type);
    expect(checkedElsewhere[type] === undefined ? cases.length : 1).toBeGreaterThan(0);
    for (const { gradients, inputs, variables } of cases) {
      const floats = inputs.x?.classes === undefined ? ["x"] : [];
      expect(Object.keys(gradients)).toEqual(expect.arrayContaining([...floats, ...Object.keys(variables)]));
    }
  });

  test("has a recorded case for each of its options", () => {
    const cases = recordedCases.filter(({ layer }) => layer === type);
    if (checkedElsewhere[type] !== undefined) return;
    const given = new Set(
      cases.flatMap(({ options, tensors = {} }) => [...Object.keys(options), ...Object.keys(tensors)]),
    );
    const missing = Object.keys(layers[type].options).filter((option) => !given.has(option));
    expect(missing.filter((option) => !startOptions.has(option))).toEqual([]);
  });

  test("refuses misuse with what it found and what it expected", () => {
    expect(misuses[type].length).toBeGreaterThan(0);
    for (const { make, codes, says } of misuses[type]) {
      const { codes: found, text } = refusal(make);
      expect(found, text).toEqual(codes);
      for (const part of says) expect(text).toContain(part);
    }
  });

  test("has a documented function with an example", () => {
    const declared = `export (?:function ${type}\\(|const ${type} = activation\\()`;
    const documented = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\n${declared}`);
    const [doc = ""] = sources.flatMap((source) => documented.exec(source)?.[1] ?? []);
    expect(doc).toContain("@example");
  });
});

/** Calls a layer function as a generated package would: with the name and the options of its node. */
function rebuildNode(node: LayerNode, again: (tensor: Tensor) => Tensor): Made {
  const { type, name, inputs, options, tensors } = node;
  const make = layerFunction(type);
  if (node.role === "source") {
    const { shape, ...rest } = options;
    return type === "label" ? make(name, options) : make(name, shape, rest);
  }
  const given = inputs.map((tensor) => again(tensor as Tensor));
  const asOptions = Object.fromEntries(Object.entries(tensors).map(([option, tensor]) => [option, again(tensor)]));
  return make(...(isVariadic(type) ? [given] : given), { name, ...options, ...asOptions });
}

const layerOf = (made: Made): LayerNode => {
  const [first] = "kind" in made ? [made] : made;
  if (first === undefined) throw new Error("a layer gave nothing");
  return first.layer;
};

const rebuild = (tensor: Tensor): Tensor => {
  const made = rebuildNode(tensor.layer, rebuild);
  if ("kind" in made && made.kind === "tensor") return made;
  throw new Error("only sources are rebuilt by themselves");
};

describe("options", () => {
  test.each(titled)("a layer made from its printed options is the same layer: %s", (_, recorded) => {
    const layer = layerOf(buildCase(recorded).y);
    const again = layerOf(rebuildNode(layer, rebuild));
    expect(again.options).toEqual(layer.options);
    expect(again.tensors).toEqual(layer.tensors);
    expect(again.variables).toEqual(layer.variables);
    expect(again.outputs).toEqual(layer.outputs);
  });

  test("are kept as a reader would write them: shortest form, defaults left out", () => {
    const options = {
      kernel: [3, 3],
      stride: [1, 1],
      pad: [2, 2, 2, 2],
      dilation: 1,
      groups: 1,
      lr: [1, 1],
      decay: [1, 0],
    } as const;
    const { layer } = conv2d(image, { name: "c", filters: 8, ...options });
    expect(layer.options).toEqual({ filters: 8, kernel: 3, pad: 2, decay: [1, 0] });
    expect(conv2d(image, { name: "c", filters: 8, kernel: [3, 2], pad: [1, 0, 1, 0] }).layer.options).toEqual({
      filters: 8,
      kernel: [3, 2],
      pad: [1, 0],
    });
  });

  test("layers, tensors and their options are frozen", () => {
    const { layer } = conv2d(image, { name: "c", filters: 8, kernel: [3, 2] });
    for (const part of [layer, layer.options, layer.options.kernel, layer.variables, layer.outputs, layer.outputs[0]]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test("a caller's array may change afterwards", () => {
    const kernel: [number, number] = [3, 2];
    const { layer } = conv2d(image, { name: "c", filters: 8, kernel });
    kernel[0] = 1;
    expect(layer.options.kernel).toEqual([3, 2]);
  });
});

test("a network rebuilt from its printed layers is equal, and one with another option is not", () => {
  const build = (units: number) => {
    const hidden = tanh(dense(vector, { name: "hidden", units }));
    const scores = dense(dropout(hidden, { rate: 0.2 }), { name: "scores", units: 5 });
    return model({
      name: "n",
      inputs: [vector],
      labels: [digit],
      loss: softmaxCrossEntropy(scores, digit),
      outputs: { prob: softmax(scores) },
    });
  };
  const first = build(7);
  const seen = new Map<LayerNode, Made>();
  const made = (node: LayerNode): Made => {
    const known = seen.get(node) ?? rebuildNode(node, again);
    seen.set(node, known);
    return known;
  };
  const again = ({ layer, index }: Tensor): Tensor => {
    const result = made(layer);
    const tensor = "kind" in result ? result : result[index];
    if (tensor?.kind !== "tensor") throw new Error(`the layer "${layer.name}" gave no tensor`);
    return tensor;
  };
  const loss = first.losses.loss && made(first.losses.loss.scalar.layer);
  const second = model({
    name: "n",
    inputs: first.inputs.map(again),
    labels: first.labels.map(again),
    ...(loss !== undefined && "kind" in loss && loss.kind === "scalar" && { loss }),
    outputs: Object.fromEntries(Object.entries(first.outputs).map(([name, tensor]) => [name, again(tensor)])),
  });
  expect(describeNetwork(second)).toEqual(describeNetwork(first));
  expect(networksEqual(first, build(7))).toBe(true);
  expect(networksEqual(first, build(8))).toBe(false);
});

test("dropout is the identity in evaluation", async () => {
  const y = dropout(input("x", [3]), { name: "layer", rate: 0.4 });
  const data = Float32Array.of(1, -2, 3);
  const outcome = await runLayer({ y, feeds: { x: { data, dims: [1, 3] } }, training: false, gradients: false });
  expect([...outcome.y]).toEqual([...data]);
});
