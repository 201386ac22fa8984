import { describe, expect, test } from "vitest";
import { type Block, findBlocks } from "../../generators/blocks/index.js";
import type { Network, Tensor } from "../../runtime/layers/index.js";
import * as layers from "../../runtime/layers/index.js";
import { lenet } from "../typescript/models.js";
import { branching, counted, residual, twoConvolutions, unet, vgg } from "./networks.js";

const { dense, dropout, input, model, relu } = layers;

/** What is found, for reading: `bottleneck(12) ×4 name filters`. */
const summary = ({ name, layers: parts, uses, parameters }: Block): string =>
  `${name}(${parts.length}) ×${uses.length} ${parameters.map((one) => one.name).join(" ")}`;

const found = (network: Network): readonly string[] => findBlocks(network).map(summary);

/** A chain of dense, relu and dropout layers, each under the name that `nameOf` gives. */
function chain(
  times: number,
  nameOf: (part: number, layer: string) => string,
  { units = (_: number): number => 4, more = [] as readonly string[] } = {},
): Network {
  const data = input("data", [4]);
  let x: Tensor = data;
  for (let part = 0; part < times; part++) {
    x = dense(x, { name: nameOf(part, "dense"), units: units(part) });
    x = relu(x, { name: nameOf(part, "relu") });
    x = dropout(x, { name: nameOf(part, "drop"), rate: 0.5 });
    for (const name of more) x = layers.gelu(x, { name: nameOf(part, name) });
  }
  return model({ name: "chain", inputs: [data], outputs: { x } });
}

describe("parts that repeat", () => {
  test("residual blocks with and without a convolution on the shortcut", () => {
    expect(found(residual([3, 4, 6, 3]))).toEqual([
      "bottleneck(12) ×4 name filters stride",
      "bottleneck(10) ×12 name filters",
    ]);
  });

  test("modules of several branches", () => {
    expect(found(branching())).toEqual(["inception(14) ×4 name filters filters2 filters3 filters4 filters5"]);
  });

  test("stages of a chain, not parts of a stage", () => {
    expect(found(vgg())).toEqual(["block(5) ×2 name filters", "block(7) ×3 name filters"]);
  });

  test("stages of an encoder and a decoder, which give and take two tensors", () => {
    const blocks = findBlocks(unet());
    expect(blocks.map(summary)).toEqual(["block(7) ×3 name filters", "block(8) ×3 name filters"]);
    expect(blocks.map(({ inputs, outputs }) => [inputs, outputs.length])).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });

  test("equal blocks of two equal halves, by their names", () => {
    const sixBlocks = twoConvolutions(["2a", "2b", "2c", "3a", "3b", "3c"]);
    expect(found(sixBlocks)).toEqual(["block(4) ×6 name"]);
    expect(findBlocks(sixBlocks)[0]?.uses.map(({ values }) => values.name)).toEqual([
      ...["res2a", "res2b", "res2c", "res3a", "res3b", "res3c"],
    ]);
    expect(found(twoConvolutions(["2a", "2b", "2c", "2d"], { branches: true }))).toEqual(["residual(6) ×4 name"]);
    // Numbers that count the layers say nothing, wherever their digits change.
    expect(found(counted(30))).toEqual([]);
  });

  test("are left alone where a function would be no shorter", () => {
    expect(findBlocks(lenet().network)).toEqual([]);
    expect(found(chain(3, (part, layer) => `part${part}_${layer}`))).toEqual([]);
    expect(found(chain(4, (part, layer) => `part${part}_${layer}`))).toEqual(["part(3) ×4 name"]);
  });

  test("differ in nothing but names and sizes", () => {
    const data = input("data", [4]);
    let x: Tensor = data;
    for (let part = 0; part < 8; part++) {
      const name = `part${part}`;
      x = dense(x, { name, units: 4, bias: layers.constant(part % 2 === 0 ? 1 : 2) });
      x = part < 4 ? relu(x, { name: `${name}_relu` }) : layers.tanh(x, { name: `${name}_relu` });
      x = dropout(x, { name: `${name}_drop`, rate: 0.5 });
    }
    const blocks = findBlocks(model({ name: "n", inputs: [data], outputs: { x } }));
    for (const { uses } of blocks) {
      for (const position of [0, 1, 2]) {
        const kinds = uses.map((use) =>
          JSON.stringify([use.layers[position]?.type, use.layers[position]?.options.bias]),
        );
        expect(new Set(kinds).size).toBe(1);
      }
    }
    expect(blocks.flatMap(({ uses }) => uses).length).toBeLessThan(8);
  });

  test("are wired alike in every use", () => {
    const data = input("data", [4]);
    let x: Tensor = data;
    for (let part = 0; part < 8; part++) {
      const first = dense(x, { name: `part${part}_dense`, units: 4 });
      const second = relu(first, { name: `part${part}_relu` });
      const third = layers.gelu(second, { name: `part${part}_gelu` });
      x = layers.add([part % 2 === 0 ? first : second, third], { name: `part${part}_sum` });
    }
    const blocks = findBlocks(model({ name: "n", inputs: [data], outputs: { x } }));
    expect(blocks.length).toBeGreaterThan(0);
    for (const { layers: parts, uses } of blocks) {
      for (const use of uses) {
        for (const [index, { inputs }] of parts.entries()) {
          const taken = inputs.map((one) => (one?.kind === "layer" ? use.layers[one.layer] : use.inputs[0]?.layer));
          expect(use.layers[index]?.inputs.map((tensor) => (tensor as Tensor).layer)).toEqual(taken);
        }
      }
    }
  });

  test("neither overlap nor leave out a layer, and their wires are those of the network", () => {
    for (const network of [residual([3, 4, 6, 3]), branching(), vgg(), unet(5)]) {
      const seen = new Set<number>();
      for (const { uses, layers: parts, inputs } of findBlocks(network)) {
        for (const use of uses) {
          expect(use.layers).toEqual(network.layers.slice(use.start, use.start + parts.length));
          expect(use.inputs).toHaveLength(inputs);
          for (const index of parts.keys()) {
            expect(seen.has(use.start + index)).toBe(false);
            seen.add(use.start + index);
          }
        }
      }
    }
  });
});

describe("names", () => {
  const naming = (nameOf: (part: number, layer: string) => string, more: readonly string[] = []) => {
    const [block] = findBlocks(chain(6, nameOf, { more }));
    return {
      function: block?.name,
      parameters: block?.parameters.map(({ name, kind }) => `${name}: ${kind}`),
      first: block?.uses[0]?.values,
      last: block?.uses.at(-1)?.values,
      names: block?.layers.map(({ name }) =>
        "item" in name ? `${name.parameter}[${name.item}]` : `${name.before}<${name.parameter}>${name.after}`,
      ),
    };
  };

  test("share a stem, which is a whole word", () => {
    expect(naming((part, layer) => `encoder.layer${part + 6}.${layer}`)).toEqual({
      function: "layer",
      parameters: ["name: text"],
      first: { name: "encoder.layer6" },
      last: { name: "encoder.layer11" },
      names: ["<name>.dense", "<name>.relu", "<name>.drop"],
    });
  });

  test("have the stem in their middle", () => {
    expect(naming((part, layer) => `${layer}${part + 6}_a`)).toMatchObject({
      function: "block",
      first: { name: "6" },
      last: { name: "11" },
      names: ["dense<name>_a", "relu<name>_a", "drop<name>_a"],
    });
  });

  test("have a stem each where they follow no common one", () => {
    const more = ["gelu", "geluA", "geluB"];
    const first: Readonly<Record<string, number>> = { dense: 1, relu: 5, drop: 30, gelu: 1, geluA: 5, geluB: 30 };
    expect(naming((part, layer) => `${layer}_${part + (first[layer] ?? 0)}`, more)).toEqual({
      function: "block",
      parameters: ["name: text", "name2: text", "name3: text"],
      first: { name: "1", name2: "5", name3: "30" },
      last: { name: "6", name2: "10", name3: "35" },
      names: ["dense_<name>", "relu_<name2>", "drop_<name3>", "gelu_<name>", "geluA_<name2>", "geluB_<name3>"],
    });
  });

  test("are a list where they follow no pattern", () => {
    const data = input("data", [4]);
    let x: Tensor = data;
    let count = 0;
    const name = () => `layer${(count++ * 7) % 61}`;
    for (let part = 0; part < 6; part++) {
      x = relu(dense(x, { name: name(), units: 4 }), { name: name() });
      x = layers.tanh(dense(x, { name: name(), units: 4 }), { name: name() });
      x = layers.gelu(dense(x, { name: name(), units: 4 }), { name: name() });
      x = dropout(x, { name: name(), rate: 0.5 });
    }
    const [block] = findBlocks(model({ name: "n", inputs: [data], outputs: { x } }));
    expect(block?.layers).toHaveLength(7);
    expect(block?.parameters).toEqual([{ name: "names", kind: "texts" }]);
    expect(block?.layers.map(({ name: of }) => of)).toContainEqual({ parameter: "names", item: 6 });
    expect(block?.uses[1]?.values.names).toEqual(block?.uses[1]?.layers.map((layer) => layer.name));
  });
});

describe("large networks", () => {
  /** Seconds of a processor, which do not depend on what else the machine does. */
  const seconds = (network: Network): number => {
    const start = process.cpuUsage();
    findBlocks(network);
    return process.cpuUsage(start).user / 1e6;
  };

  test("of 5,000 layers take seconds, whether they repeat much or little", { timeout: 120_000 }, () => {
    const deep = residual([60, 130, 240, 60]);
    expect(deep.layers.length).toBeGreaterThan(4900);
    expect(found(deep)).toEqual(["bottleneck(12) ×4 name filters stride", "bottleneck(10) ×486 name filters"]);
    expect(seconds(deep)).toBeLessThan(10);
    expect(seconds(chain(1666, (part, layer) => `${layer}${part}`, { units: (part) => 2 + (part % 7) }))).toBeLessThan(
      10,
    );
  });
});
