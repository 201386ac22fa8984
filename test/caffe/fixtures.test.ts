import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { importModel } from "../../generators/index.js";
import { isBaseError } from "../../runtime/errors.js";
import { importNet, parameterCount, shapesOf } from "./caffe.js";

const lenet = "fixtures/models/lenet";
const cifar = "fixtures/models/cifar10_quick";

describe("the fixture models", () => {
  test("LeNet has Caffe's shapes and 431,080 parameters, trained and deployed", async () => {
    for (const file of ["lenet_train_test", "lenet_solver", "lenet_deploy"]) {
      const { network } = await importModel(`${lenet}/${file}.prototxt`);
      expect(parameterCount(network)).toBe(431_080);
      const shapes = shapesOf(network);
      expect(shapes).toMatchObject({
        conv1: "20×24×24",
        pool1: "20×12×12",
        conv2: "50×8×8",
        pool2: "50×4×4",
        ip1: "500",
        ip2: "10",
        prob: "10",
      });
    }
  });

  test("LeNet's solver says all that training needs", async () => {
    const { training, data, files, name } = await importModel(`${lenet}/lenet_solver.prototxt`);
    expect(training).toMatchObject({
      optimizer: {
        learningRate: { policy: "inv", options: { base: 0.01, gamma: 1e-4, power: 0.75 } },
        options: { momentum: 0.9, weightDecay: 5e-4 },
      },
      validate: true,
      seed: 1701,
      batchsize: 64,
    });
    expect(name).toBe("LeNet");
    expect(data).toEqual({
      preprocessing: {
        data: { scale: 0.0625, at: { file: `${lenet}/lenet_train_test.prototxt`, line: 12, column: 28 } },
      },
      layout: "channels_first",
    });
    expect(files).toEqual([`${lenet}/lenet_train_test.prototxt`, `${lenet}/lenet_solver.prototxt`]);
  });

  test("cifar10_quick has Caffe's rounded-up shapes and 145,578 parameters", async () => {
    const options = { inputShape: [3, 32, 32] };
    for (const file of ["cifar10_quick_train_test", "cifar10_quick_solver", "cifar10_quick_deploy"]) {
      const { network } = await importModel(`${cifar}/${file}.prototxt`, options);
      expect(parameterCount(network)).toBe(145_578);
      const shapes = shapesOf(network);
      expect(shapes).toMatchObject({ pool1: "32×16×16", pool2: "32×8×8", pool3: "64×4×4", ip1: "64", prob: "10" });
    }
    await expect(importModel(`${cifar}/cifar10_quick_solver.prototxt`)).rejects.toThrow("--input-shape");
  });

  test("reading twice gives the same network", async () => {
    const [a, b] = await Promise.all([1, 2].map(() => importModel(`${lenet}/lenet_solver.prototxt`)));
    expect(JSON.stringify(a)).toBe(JSON.stringify(b));
  });
});

/** Replaces, doubles, moves or removes pieces of a text. */
function mutate(text: string, edits: readonly (readonly [at: number, length: number, insert: string])[]): string {
  return edits.reduce((now, [at, length, insert]) => {
    const start = Math.floor(at * now.length);
    return now.slice(0, start) + insert + now.slice(start + length);
  }, text);
}

const sources = [
  `${lenet}/lenet_train_test`,
  `${lenet}/lenet_deploy`,
  `${cifar}/cifar10_quick_train_test`,
  `${cifar}/cifar10_quick_deploy`,
  `${lenet}/lenet_solver`,
  `${cifar}/cifar10_quick_solver`,
];
const texts = sources.map((file) => readFileSync(`${file}.prototxt`, "utf8"));
const pieces = texts.flatMap((text) => text.split(/(?<=[\s{}:])/)).filter((piece) => piece.trim() !== "");
const tokens = [
  "{",
  "}",
  '"',
  "-1",
  "0",
  "1e9",
  "4294967295",
  "[",
  "]",
  "<",
  ":",
  '"data"',
  '"label"',
  "layers",
  "NaN",
  "inf",
  "\0",
  "é",
  "include { phase: TEST }",
];

describe("a damaged Caffe file", () => {
  test("ends in a network or in one of our errors, quickly", async () => {
    const insert = fc.oneof(
      fc.constant(""),
      fc.constantFrom(...pieces),
      fc.constantFrom(...tokens),
      fc.string({ maxLength: 5 }),
    );
    const position = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    const edit = fc.tuple(position, fc.oneof(fc.constant(0), fc.nat(3), fc.nat(60)), insert);
    const mutated = fc
      .tuple(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 4 }))
      .map(([text, edits]) => mutate(text, edits));
    await fc.assert(
      fc.asyncProperty(mutated, async (text) => {
        const start = performance.now();
        const error: unknown = await importNet(text, { inputShape: [3, 16, 16] }).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error !== undefined && !isBaseError(error)) throw error;
        if (isBaseError(error) && error.problems.some(({ code }) => code === "INTERNAL")) throw error;
        expect(performance.now() - start).toBeLessThan(5000);
      }),
      { numRuns: 600, seed: 2 },
    );
  });

  test("with many wrong layers ends soon, with a bounded list", async () => {
    const layer = (i: number): string => `layer { name: "a" type: "ReLU" bottom: "b${i + 1}" top: "b${i}" }\n`;
    const start = performance.now();
    const error: unknown = await importNet(Array.from({ length: 15_000 }, (_, i) => layer(i)).join("")).catch(
      (reason: unknown) => reason,
    );
    if (!isBaseError(error)) throw error;
    expect(error.problems.length).toBeLessThanOrEqual(101);
    expect(performance.now() - start).toBeLessThan(15_000);
  });
});
