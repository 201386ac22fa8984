import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emitTypescript } from "../../generators/targets/typescript/index.js";
import type { Network } from "../../runtime/layers/index.js";
import * as layers from "../../runtime/layers/index.js";
import { definitionOf } from "../../runtime/layers/table.js";
import { branching, residual, unet, vgg } from "../blocks/networks.js";
import { everyLayer } from "./every-layer.js";
import { awkward, imported, lenet } from "./models.js";
import { type BlockNaming, randomNetwork, randomSteps, repeatingNetwork } from "./random-network.js";

const { describeNetwork, graph, input, model, onnx, relu, split } = layers;

function printed(network: Network): string {
  return emitTypescript(imported(network), { runtime: "^0.1.0" })["model.ts"] ?? "";
}

/** Runs model.ts without its types, with these layers as its `paramserv`. */
function run(source: string): Network {
  const { ESNext } = ts.ModuleKind;
  const compilerOptions = { target: ts.ScriptTarget.ESNext, module: ESNext, verbatimModuleSyntax: true };
  const body = ts
    .transpileModule(source, { compilerOptions })
    .outputText.replace(/^import (\{[^}]*\}) from "paramserv";$/m, "const $1 = paramserv;")
    .replace(/^export const \S+ = model\(/m, "return model(");
  return new Function("paramserv", `"use strict";\n${body}`)(layers);
}

describe("the printed model, when run, equals the imported one", () => {
  test.each([
    ["LeNet", () => lenet().network],
    ["one with every layer and option", everyLayer],
    ["one with awkward names", awkward],
    ["a residual network", () => residual([3, 4, 6, 3])],
    ["one of inception modules", branching],
    ["convolutions in a row", vgg],
    ["an encoder and decoder joined across", unet],
  ])("%s", (_, make) => {
    const network = make();
    expect(describeNetwork(run(printed(network)))).toEqual(describeNetwork(network));
  });

  test("and printing what it builds gives the same text, but for the places in the original", () => {
    const first = printed(everyLayer());
    expect(printed(run(first))).toBe(first);
  });

  test("networks of random layers, options and names", () => {
    const weights = fc.array(fc.constantFrom(1, 0.3, 2), { maxLength: 3 });
    fc.assert(
      fc.property(randomSteps, fc.string({ minLength: 1 }), weights, (steps, name, factors) => {
        fc.pre(name.trim() !== "");
        const network = randomNetwork(steps, name, factors);
        const first = printed(network);
        const again = run(first);
        expect(describeNetwork(again)).toEqual(describeNetwork(network));
        expect(printed(again)).toBe(first);
      }),
      { numRuns: 80 },
    );
  });

  test("networks of random layers that repeat under other names and sizes", () => {
    const names = fc.constantFrom<BlockNaming>("stem/layer", "layer_stem_layer", "numbered");
    let withBlocks = 0;
    fc.assert(
      fc.property(randomSteps, fc.integer({ min: 2, max: 6 }), names, (steps, times, naming) => {
        const network = repeatingNetwork(steps, times, naming);
        const first = printed(network);
        if (first.includes("function ")) withBlocks += 1;
        const again = run(first);
        expect(describeNetwork(again)).toEqual(describeNetwork(network));
        expect(printed(again)).toBe(first);
      }),
      { numRuns: 60 },
    );
    expect(withBlocks).toBeGreaterThan(20);
  });
});

describe("as a module of its own", () => {
  let directory = "";
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "paramserv-model-"));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test.each([
    ["lenet", () => lenet().network],
    ["awkward_1_x", awkward],
  ])("%s is exported under its name", async (name, make) => {
    const runtime = new URL("../../runtime/layers/index.ts", import.meta.url).pathname;
    const file = join(directory, `${name}.ts`);
    writeFileSync(file, printed(make()).replace('"paramserv"', JSON.stringify(runtime)));
    const module: Record<string, Network> = await import(/* @vite-ignore */ file);
    expect(Object.keys(module)).toEqual([name]);
    expect(describeNetwork(module[name] as Network)).toEqual(describeNetwork(make()));
  });
});

test("every layer of the table is in the network that tests all of them, each option away from its default", () => {
  const { layers: nodes } = everyLayer();
  const missing = Object.keys(layers.layers).flatMap((type) => {
    const used = nodes.filter((node) => node.type === type);
    const given = new Set(used.flatMap(({ options, tensors }) => [...Object.keys(options), ...Object.keys(tensors)]));
    const options = Object.keys(definitionOf(type).options).filter((option) => !given.has(option));
    return used.length === 0 ? [type] : options.map((option) => `${type}.${option}`);
  });
  expect(missing).toEqual([]);
});

describe("layers that repeat", () => {
  test("four equal parts are one function and four calls", () => {
    const source = printed(branching());
    expect(source.match(/^function /gm)).toEqual(["function "]);
    expect(source).toContain("function inception(");
    expect(source.match(/= inception\(/g)).toHaveLength(4);
    expect(source.match(/conv2d\(/g)).toHaveLength(6);
    expect(source).toContain("14 layers, used 4 times: conv2d, relu, ");
    expect(source).toContain(" * First use, inception_3a_output: 3×8×8 → 14×8×8.");
    expect(source).toContain(
      '// 14×8×8 · 304 parameters\nconst inception_3a_output = inception(data, {\n  name: "inception_3a",',
    );
  });

  test("sizes that differ are parameters, defaults left out, and what is a multiple is written as one", () => {
    const source = printed(residual([2, 2, 2, 2]));
    expect(source).toContain("{ name, filters, stride = 1 }: { name: string; filters: number; stride?: number }");
    expect(source).toContain("filters: 4 * filters,");
    expect(source).toContain('const res2a_relu = bottleneck(conv1_relu, { name: "2a", filters: 4 });');
    expect(source).toContain('const res3a_relu = bottleneck(res2b_relu, { name: "3a", filters: 8, stride: 2 });');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: so it is printed
    expect(source).toContain("name: `res${name}_branch2a`");
  });

  test("a part that gives several tensors returns them in a list", () => {
    const source = printed(unet());
    expect(source).toContain("): readonly [Tensor, Tensor] {");
    expect(source).toMatch(/const \[down1_relu2, pool1\] = \w+\(data, \{ name: "1", filters: 2 \}\);/);
    expect(source).toMatch(/const up1_relu2 = \w+\(pool3, down3_relu2, \{ name: "1", filters: 8 \}\);/);
  });

  test("a call says which lines of the file it stands for", () => {
    const at = (line: number) => ({ at: { file: "nets/n.prototxt", line, column: 1 } });
    const data = input("data", [8]);
    let x = data;
    for (let index = 0; index < 5; index++) {
      const name = `part${index}`;
      x = layers.dense(x, { name, units: 8, ...at(10 * index + 1) });
      x = relu(x, { name: `${name}_relu`, ...at(10 * index + 4) });
      x = layers.dropout(x, { name: `${name}_drop`, rate: 0.5, ...at(10 * index + 8) });
    }
    const source = printed(model({ name: "n", inputs: [data], outputs: { x } }));
    expect(source).toContain("// 8 values · 72 parameters · n.prototxt:31–38\nconst part3_drop = part(");
  });

  test("short networks stay as they are", () => {
    expect(printed(lenet().network)).not.toContain("function");
  });
});

describe("a layer of several outputs", () => {
  const x = input("x", [6]);
  const source = (outputs: Parameters<typeof model>[0]["outputs"]) =>
    printed(model({ name: "n", inputs: [x], outputs }));

  test("is destructured, outputs that nothing uses left out", () => {
    const [a, b, c] = split(x, { name: "cut", parts: 3 });
    if (a === undefined || b === undefined || c === undefined) throw new Error("three parts");
    expect(source({ a, b, c })).toContain("const [cut_0, cut_1, cut_2] = split(x, ");
    expect(source({ a })).toContain("const [cut_0] = split(x, ");
    expect(source({ b })).toContain("const [, cut_1] = split(x, ");
    expect(source({ c })).toContain("const [, , cut_2] = split(x, ");
    expect(source({ a, c })).toContain("const [cut_0, , cut_2] = split(x, ");
    expect(source({ a, c })).toContain("outputs: { a: cut_0, c: cut_2 }");
  });

  test("is a list also of one, where the function gives a list; an operator's one output is none", () => {
    const [whole] = split(x, { name: "cut", parts: 1 });
    if (whole === undefined) throw new Error("one part");
    expect(source({ whole })).toContain("const [cut] = split(x, ");
    const part = onnx.Split(x, [6], { name: "part", axis: 1, outputs: 1 });
    const text = source({ part });
    expect(text).toContain("const part = onnx.Split(x, [6], ");
    expect(describeNetwork(run(text)).outputs).toEqual({ part: "part" });
  });
});

test("a layer that is called as an array type leaves that to the elements of a tensor", () => {
  const x = input("Float32Array", [1]);
  const value = { dtype: "float32", shape: [1], data: Float32Array.of(2) } as const;
  const y = onnx.Add(x, onnx.ConstantOfShape([1], { value }));
  const network = model({ name: "n", inputs: [x], outputs: { y } });
  expect(describeNetwork(run(printed(network)))).toEqual(describeNetwork(network));
});

test("the code of a graph keeps what is nested apart, and constants that are large or of other types", () => {
  const weights = Float32Array.from({ length: 72 }, (_, index) => index / 8);
  const body = graph("body", (g) => {
    const state = g.input("state", "float32", ["N", 72]);
    const row = g.input("g", "float32", ["N", 72]);
    const table = g.constant({ dtype: "float32", shape: [72], data: weights });
    const sum = g.op("Add", [g.op("Mul", [row, table]), g.op("Mul", [state, table])]);
    const counts = g.constant({ dtype: "int32", shape: [2], data: Int32Array.of(1, 2) });
    const flag = g.op("Greater", [g.op("ReduceMax", [counts], { keepdims: 0 }), g.scalar(1, "int32")]);
    const branch = (name: string, factor: number) =>
      g.subgraph(name, (inner) => {
        const scaled = inner.op("Mul", [inner.op("Add", [sum, state]), inner.scalar(factor)]);
        inner.output("result", scaled);
      });
    const next = g.op("If", [flag], { then_branch: branch("big", -0), else_branch: branch("small", Number.NaN) });
    g.output("next", next);
    g.output("row", g.op("Clip", [next, undefined, g.scalar(1)]));
  });
  const x = input("x", [4, 72]);
  const start = onnx.Mul(onnx.ReduceSum(x, [1], { keepdims: 0 }), 0);
  const [, y] = onnx.Scan([start, x], { body, num_scan_inputs: 1, scan_input_axes: [1], outputs: 2 });
  const network = model({ name: "n", inputs: [x], outputs: { y } });
  const source = printed(network);
  expect(describeNetwork(run(source))).toEqual(describeNetwork(network));
  expect(source.match(/Float32Array\.from\(\[/g)).toHaveLength(1);
  expect(source).toContain('const gValue = g.input("g", "float32", ["N", 72]);');
});

test("only functions that are used are imported, sorted", () => {
  const data = input("data", [2]);
  const source = printed(model({ name: "n", inputs: [data], outputs: { y: relu(data, { name: "y" }) } }));
  expect(source).toContain('import { input, model, relu } from "paramserv";');
});

test("a network without a loss says what it needs to be trained", () => {
  const data = input("data", [2]);
  const source = printed(model({ name: "n", inputs: [data], outputs: { y: relu(data, { name: "y" }) } }));
  expect(source).toContain("// To train it, add labels and a loss");
  expect(printed(lenet().network)).not.toContain("To train it");
});

test("no line of code is longer than 110 columns unless a name is", () => {
  for (const network of [lenet().network, everyLayer()]) {
    for (const line of printed(network).split("\n")) expect(line.length).toBeLessThanOrEqual(120);
  }
});
