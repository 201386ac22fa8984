import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emitTypescript } from "../../generators/typescript/index.js";
import type { Initializer, Network, Tensor } from "../../runtime/layers/index.js";
import * as layers from "../../runtime/layers/index.js";
import { awkward, everyLayer, imported, lenet } from "./models.js";

const { describeNetwork } = layers;

function printed(network: Network): string {
  return emitTypescript(imported(network), { runtime: "^0.1.0" })["model.ts"] ?? "";
}

/** Runs model.ts, which has no syntax of TypeScript's own, with these layers as its `paramserv`. */
function run(source: string): Network {
  const body = source
    .replace(/^import (\{[^}]*\}) from "paramserv";$/m, "const $1 = paramserv;")
    .replace(/^export const \S+ = model\(/m, "return model(");
  return new Function("paramserv", `"use strict";\n${body}`)(layers);
}

describe("the printed model, when run, equals the imported one", () => {
  test.each([
    ["LeNet", () => lenet().network],
    ["one with every layer and option", everyLayer],
    ["one with awkward names", awkward],
  ])("%s", (_, make) => {
    const network = make();
    expect(describeNetwork(run(printed(network)))).toEqual(describeNetwork(network));
  });

  test("and printing what it builds gives the same text, but for the places in the original", () => {
    const first = printed(everyLayer());
    expect(printed(run(first))).toBe(first);
  });

  test("networks of random layers, options and names", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.string({ minLength: 1 }), (steps, name) => {
        fc.pre(name.trim() !== "");
        const network = build(steps, name);
        expect(describeNetwork(run(printed(network)))).toEqual(describeNetwork(network));
      }),
      { numRuns: 60 },
    );
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

test("every layer of the table is in the network that tests all of them", () => {
  const used = new Set(everyLayer().layers.map(({ type }) => type));
  expect([...used].sort()).toEqual(Object.keys(layers.layers).sort());
});

test("only functions that are used are imported, sorted", () => {
  const { input, model, relu } = layers;
  const data = input("data", [2]);
  const source = printed(model({ name: "n", inputs: [data], outputs: { y: relu(data, { name: "y" }) } }));
  expect(source).toContain('import { input, model, relu } from "paramserv";');
});

test("a network without a loss says what it needs to be trained", () => {
  const { input, model, relu } = layers;
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

const initializer: fc.Arbitrary<Initializer> = fc.oneof(
  fc.double({ min: -1, max: 1, noNaN: true }).map((value) => layers.constant(value)),
  fc.record({ std: fc.double({ min: 0, max: 2, noNaN: true }) }).map((options) => layers.gaussian(options)),
  fc.constantFrom("in" as const, "out" as const, "average" as const).map((fan) => layers.xavier({ fan })),
);

const window = fc.record({ kernel: fc.constant(2), stride: fc.integer({ min: 1, max: 2 }) });

type Step = (x: Tensor, name: string) => Tensor;

const step: fc.Arbitrary<{ readonly name: string; readonly make: Step }> = fc.record({
  name: fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom("relu", "class", "a/b", "a_b", "__proto__")),
  make: fc.oneof(
    fc
      .record({
        filters: fc.integer({ min: 1, max: 4 }),
        kernel: fc.constant(1),
        weights: initializer,
        bias: initializer,
      })
      .map(
        (options): Step =>
          (x, name) =>
            layers.conv2d(x, { name, ...options }),
      ),
    window.map(
      (options): Step =>
        (x, name) =>
          layers.maxPool2d(x, { name, rounding: "ceil", ...options }),
    ),
    fc.double({ min: 0, max: 0.9, noNaN: true }).map(
      (rate): Step =>
        (x, name) =>
          layers.dropout(x, { name, rate }),
    ),
    fc.double({ min: 0, max: 3, noNaN: true }).map(
      (slope): Step =>
        (x, name) =>
          layers.leakyRelu(x, { name, slope }),
    ),
    fc.constant<Step>((x, name) => layers.relu(x, { name })),
  ),
});

function build(steps: readonly { readonly name: string; readonly make: Step }[], name: string): Network {
  const data = layers.input("data", [3, 64, 64]);
  let x: Tensor = data;
  for (const [index, { name: layer, make }] of steps.entries()) {
    const before = x;
    const printable = layer.replace(/\p{Cc}/gu, "");
    x = before.shape.slice(1).every((length) => length > 2) ? make(before, `${printable}#${index}`) : before;
  }
  return layers.model({ name, inputs: [data], outputs: { y: layers.flatten(x, { name: "flat" }) } });
}
