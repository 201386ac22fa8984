import fc from "fast-check";
import { expect, test } from "vitest";
import { createNames, packageName } from "../../generators/targets/typescript/names.js";
import { awkwardNames } from "./models.js";

test.each([
  ["conv1", "conv1"],
  ["conv1/3x3_reduce", "conv1_3x3_reduce"],
  ["a b  c", "a_b_c"],
  ["1x1", "layer_1x1"],
  ["", "layer"],
  ["🙂", "layer"],
  ["class", "classLayer"],
  ["conv2d", "conv2dLayer"],
  ["выход", "выход"],
  ["*/ x", "x"],
])("the layer %j becomes the variable %s", (name, variable) => {
  expect(createNames(["conv2d"]).claim(name)).toBe(variable);
});

test("a taken name gets the suffix that is asked for", () => {
  const names = createNames(["label", "accuracy"]);
  expect(names.claim("label", { suffix: "s" })).toBe("labels");
  expect(names.claim("accuracy", { suffix: "Metric" })).toBe("accuracyMetric");
});

test("names that meet are numbered in order, around names that look numbered", () => {
  const names = createNames([]);
  expect(["a/b", "a_b_2", "a.b", "a-b"].map((name) => names.claim(name))).toEqual(["a_b", "a_b_2", "a_b_3", "a_b_4"]);
});

test("any names become different identifiers that a strict module takes", () => {
  const name = fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.constantFrom(...awkwardNames));
  fc.assert(
    fc.property(fc.array(name, { maxLength: 20 }), (layers) => {
      const names = createNames(["dense"]);
      const variables = layers.map((layer) => names.claim(layer));
      expect(new Set(variables).size).toBe(layers.length);
      expect(variables).not.toContain("dense");
      const source = variables.map((variable, index) => `const ${variable} = ${index};`).join("\n");
      expect(() => new Function(`"use strict"; async () => { ${source} }`)).not.toThrow();
    }),
  );
});

test.each([
  ["LeNet", "lenet"],
  ["CIFAR10_quick", "cifar10-quick"],
  ["../../etc", "etc"],
  ["Große Übung", "gro-e-u-bung"],
  ["層", "model"],
  ["", "model"],
])("the network %j becomes the package %s", (name, packaged) => {
  expect(packageName(name)).toBe(packaged);
});
