import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { ImportedModel } from "../../generators/imported.js";
import { describeFormats, type Importers, importers, importModel } from "../../generators/index.js";
import { isBaseError, type Problem } from "../../runtime/errors.js";
import { makePackage } from "../typescript/package-runner.js";
import { toyImporter } from "./dummy/index.js";
import { reads } from "./dummy/weights.js";
import { toy } from "./toy.js";

const table: Importers = { ...importers, toy: toyImporter };
const directory = mkdtempSync(join(tmpdir(), "paramserv-toy-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
beforeEach(() => reads.splice(0));

function read(text: string, name = "pair.toy"): Promise<ImportedModel> {
  const file = join(directory, name);
  writeFileSync(file, text);
  return importModel(file, {}, table);
}

async function problemsOf(text: string): Promise<readonly Problem[]> {
  const error: unknown = await read(text).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isBaseError(error)) throw new Error(`expected problems, got ${String(error)}`);
  return error.problems;
}

describe("a second importer is a folder and a row", () => {
  test("that is named among the formats", () => {
    expect(describeFormats(table)).toBe("a Caffe net or solver (.prototxt) or a toy (.toy)");
  });

  test("which the content chooses before the name", async () => {
    expect((await read(toy, "named.prototxt")).format).toBe("toy");
    const net = `layer { name: "data" type: "Input" top: "data" input_param { shape { dim: [1, 3] } } }
      layer { name: "out" type: "ReLU" bottom: "data" top: "out" }`;
    expect((await read(net, "named.toy")).format).toBe("caffe");
    // Nobody knows the content: the name decides, and the toy says what is wrong.
    expect((await problemsOf("nothing"))[0]).toMatchObject({ at: { line: 1, column: 1 } });
  });

  test("that gives inputs, losses, training, preprocessing and class names", async () => {
    const { network, training, data, notes } = await read(toy);
    expect(network.inputs.map(({ layer }) => layer.name)).toEqual(["a", "b"]);
    expect(Object.keys(network.losses)).toEqual(["digit_loss", "size_loss"]);
    expect(training).toMatchObject({ optimizer: { learningRate: 0.1 }, epochs: 3, batchsize: 8 });
    expect(data).toEqual({ preprocessing: { a: { scale: 0.5 } }, classNames: { which: ["zero", "one"] } });
    expect(notes).toEqual([]);
  });

  test("whose weights are read when they are asked for", async () => {
    const { weights, network } = await read(toy);
    const sizes = network.variables.map(({ shape }) => shape.reduce((product, length) => product * length, 1));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    writeFileSync(
      join(directory, "pair.bin"),
      new Uint8Array(Float32Array.from({ length: total }, (_, i) => i).buffer),
    );
    expect(weights?.entries.map(({ name }) => name)).toEqual(network.variables.map(({ name }) => name));
    expect(reads).toEqual([]);
    const bias = await weights?.read("h.bias");
    expect([...(bias?.data ?? [])]).toEqual([20, 21, 22, 23, 24]);
    expect(reads).toEqual(["h.bias"]);
  });

  test("that tells what is given and never read, ignored or refused, with its place", async () => {
    const text = toy
      .replace('"kind": "relu",', '"kind": "relu", "comment": "x", "slope": 0.1,')
      .replace('"rate": 0.1', '"plot": true, "rate": 0.1');
    const file = join(directory, "pair.toy");
    expect((await read(text)).notes).toEqual([
      {
        message: 'layer "r": its comment has no effect: it is for people',
        at: { file, line: 7, column: 47, path: "layers[1].comment" },
      },
      {
        message: 'layer "r": its slope has no effect: it is not read',
        at: { file, line: 7, column: 61, path: "layers[1].slope" },
      },
      {
        message: "the model: its training.plot has no effect: progress is shown in another way",
        at: { file, line: 15, column: 25, path: "training.plot" },
      },
    ]);
    const [tied] = await problemsOf(toy.replace('"units": 5', '"units": 5, "tied": "h"'));
    expect(tied?.message).toBe(
      'layer "h": its tied is "h", which is not supported yet: each layer has weights of its own',
    );
  });

  test("that tells every problem at once, in file order", async () => {
    const text = toy
      .replace('"shape": [4]', '"shape": [4, 0, 2.5]')
      .replace('"units": 5', '"units": 0')
      .replace('"kind": "relu"', '"kind": "rleu"')
      .replace('"units": 1', '"units": "one"')
      .replace('"kind": "values"', '"kind": "value"')
      .replace('"rate": 0.1, ', "");
    expect((await problemsOf(text)).map(({ message, at }) => [at?.line, at?.path, message])).toEqual([
      [4, "inputs[0].shape[1]", "the model: its inputs.shape is 0, expected at least 1"],
      [4, "inputs[0].shape[2]", "the model: its inputs.shape is 2.5, expected at least 1"],
      [6, "layers[0].from", 'layer "h": nothing makes what it is from'],
      [6, "layers[0].units", 'layer "h": its units is 0, expected at least 1'],
      [7, "layers[1].kind", 'layer "r": its kind is "rleu", expected one of dense, dropout, relu'],
      [8, "layers[2].from", 'layer "digit": nothing makes what it is from'],
      [9, "layers[3].from", 'layer "size": nothing makes what it is from'],
      [9, "layers[3].units", 'layer "size": its units is "one", expected at least 1'],
      [13, "losses[1].kind", "the model: its losses.kind is value, expected classes or values"],
      [15, "training", "the model: it has no training.rate, expected a finite number"],
    ]);
  });

  test.each([
    ["a comma too many", '{ "toy": 1, }', 1],
    ["a comment", '{ "toy": 1 // one\n}', 1],
    ["a name that is given twice", '{ "toy": 1,\n "name": "a",\n "name": "b" }', 3],
    ["an array", '[{ "toy": 1 }]', 1],
  ])("whose JSON is read strictly: %s", async (_what, text, line) => {
    expect((await problemsOf(text)).map(({ at }) => at?.line)).toContain(line);
  });

  test("whose model prints to a package that compiles", async () => {
    rmSync(await makePackage(await read(toy), {}), { recursive: true });
  }, 60_000);
});
