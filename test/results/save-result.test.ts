import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import onnxProto from "onnx-proto";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import {
  type ArrayDataset,
  loadInMemory,
  type PrepareOptions,
  prepareDataset,
  splitDataset,
} from "../../runtime/data/index.js";
import type { Columns, NDArray } from "../../runtime/data/types.js";
import type { Note } from "../../runtime/errors.js";
import { dense, input, label, model, onnx, softmax, softmaxCrossEntropy } from "../../runtime/layers/index.js";
import type { Tensor as LayerTensor, Network } from "../../runtime/layers/types.js";
import { compileEvaluation } from "../../runtime/program/evaluation.js";
import { compile, initialWeights, viewsByName } from "../../runtime/program/index.js";
import { random } from "../../runtime/random.js";
import { reportHtml } from "../../runtime/report/index.js";
import { readResult, reportDataOf, resultFiles, saveResult } from "../../runtime/results/index.js";
import { dataShapes } from "../../runtime/script/index.js";
import { problemsOf, temporaryDirectory } from "../data/files.js";
import { result } from "../report/runs.js";

const { path: root } = temporaryDirectory();

/** Bytes of pictures as floats, the same each time. */
function pixels(...shape: readonly number[]): NDArray<Float32Array> {
  const { int } = random(7, shape.join());
  const length = shape.reduce((product, dim) => product * dim, 1);
  return { shape, data: Float32Array.from({ length }, () => int(256)) };
}

function wholes(bound: number, ...shape: readonly number[]): NDArray<Int32Array> {
  const { int } = random(8, shape.join());
  const length = shape.reduce((product, dim) => product * dim, 1);
  return { shape, data: Int32Array.from({ length }, () => int(bound)) };
}

/** A network that puts out what it is given, beside something to train. */
function mirror(...shapes: readonly (readonly (number | string)[])[]): Network {
  return through((x) => onnx.Identity(x), shapes);
}

/** A network that puts out what `make` makes of each input, likewise. */
function through(make: (x: LayerTensor) => LayerTensor, shapes: readonly (readonly (number | string)[])[]): Network {
  const [kind, bias] = [label("kind", { classes: 2 }), input("one", [1])];
  const inputs = shapes.map((shape, index) => input(`x${index}`, shape));
  const outputs = Object.fromEntries(inputs.map((x, index) => [`y${index}`, make(x)]));
  const loss = softmaxCrossEntropy(dense(bias, { name: "fc", units: 2 }), kind);
  return model({ name: "mirror", inputs: [...inputs, bias], labels: [kind], loss, outputs });
}

interface Mirrored {
  readonly prepared: ArrayDataset;
  readonly onnx: Readonly<Record<string, Tensor>>;
  readonly inputs: readonly { readonly name: string; readonly shape: readonly (number | string)[] }[];
}

/** Prepares columns for a network, and has the saved ONNX model do the same to the raw rows. */
async function both(network: Network, features: Columns, options: Partial<PrepareOptions>): Promise<Mirrored> {
  const rows = Object.values(features)[0]?.shape[0] ?? 0;
  const shapes = dataShapes(compileEvaluation(network));
  const dataset = { features: { ...features, one: pixels(rows, 1) }, labels: { kind: wholes(2, rows) } };
  const prepared = await loadInMemory(await prepareDataset(dataset, { ...shapes, ...options }));
  const program = compile(network);
  const weights = viewsByName(program, initialWeights(program, 1));
  const saved = await saveResult({
    directory: join(root, "mirror"),
    network,
    result: result({ model: weights }),
    train: prepared,
  });
  const session = await InferenceSession.create(saved.onnx);
  const feeds = session.inputNames.map((name) => {
    const { shape, data } = features[name] ?? { shape: [], data: new Float32Array() };
    return [name, new Tensor(data instanceof Int32Array ? "int32" : "float32", data, shape)] as const;
  });
  const inputs = session.inputMetadata.map((one) => ({ name: one.name, shape: one.isTensor ? one.shape : [] }));
  const outputs = await session.run(Object.fromEntries(feeds));
  await session.release();
  return { prepared, onnx: outputs, inputs };
}

describe("model.onnx takes rows as the data file had them, and prepares them to the same bits", () => {
  it.each<[what: string, from: readonly number[], to: readonly number[], options: Partial<PrepareOptions>]>([
    ["as they are", [5], [5], {}],
    ["scaled", [5], [5], { scale: { x0: 1 / 255 }, mean: { x0: 33.1 } }],
    ["flat rows of the network's size", [12], [3, 2, 2], { mean: { x0: [1.7, 2.1, 3.3] }, scale: { x0: 0.017 } }],
    ["a single channel left out, larger", [8, 8], [1, 28, 28], { scale: { x0: 0.0625 } }],
    ["smaller, antialiased", [1, 28, 28], [1, 9, 12], { mean: { x0: 100.25 } }],
    ["smaller one way, larger the other", [20, 6], [1, 10, 11], {}],
    ["channels last", [6, 5, 3], [3, 6, 5], { mean: { x0: [104, 117.5, 123.68] }, scale: { x0: 0.0039 } }],
    ["channels last, resized", [9, 7, 3], [3, 4, 5], { mean: { x0: [104, 117.5, 123.68] }, scale: { x0: 0.0039 } }],
    ["channels last, resized to one line", [4, 6, 2], [2, 1, 5], { mean: { x0: 33.1 } }],
    ["a single channel last, resized to one line", [7, 9, 1], [1, 1, 8], {}],
    ["flat rows of another shape, resized", [48], [1, 5, 5], { sampleShape: { x0: [6, 8] } }],
    [
      "flat rows with the channels last, resized",
      [96],
      [2, 5, 5],
      { sampleShape: { x0: [6, 8, 2] }, scale: { x0: 3 } },
    ],
  ])("%s", async (_, from, to, options) => {
    const { prepared, onnx: outputs, inputs } = await both(mirror(to), { x0: pixels(4, ...from) }, options);
    expect(inputs).toEqual([{ name: "x0", shape: ["N", ...from] }]);
    expect(outputs.y0?.dims).toEqual([4, ...to]);
    expect(outputs.y0?.data).toEqual(Float32Array.from(prepared.features.x0?.data ?? []));
  });

  it.each([1, 3])("%i channels last, resized, of a network that turns them back", async (channels) => {
    const { prepared, onnx: outputs } = await both(
      through((x) => onnx.Transpose(x, { perm: [0, 2, 3, 1] }), [[channels, 8, 8]]),
      { x0: pixels(4, 12, 10, channels) },
      { mean: { x0: 33.1 } },
    );
    const [images, turned] = [prepared.features.x0?.data ?? [], outputs.y0?.data as Float32Array];
    expect(outputs.y0?.dims).toEqual([4, 8, 8, channels]);
    const place = (index: number) => {
      const [pixel, channel] = [Math.floor(index / channels), index % channels];
      return (Math.floor(pixel / 64) * channels + channel) * 64 + (pixel % 64);
    };
    expect(turned).toEqual(Float32Array.from(turned, (_, index) => images[place(index)] ?? Number.NaN));
  });

  it("several inputs, each by its own preparation", async () => {
    const features = { x0: pixels(3, 4, 4), x1: pixels(3, 6) };
    const found = await both(mirror([1, 6, 6], [2, 3]), features, { scale: { x0: 0.5, x1: 3 }, mean: { x1: [4, 5] } });
    expect(found.inputs.map(({ shape }) => shape)).toEqual([
      ["N", 4, 4],
      ["N", 6],
    ]);
    for (const index of [0, 1]) {
      const wanted = found.prepared.features[`x${index}`]?.data ?? [];
      expect(found.onnx[`y${index}`]?.data).toEqual(Float32Array.from(wanted));
    }
  });

  it("whole numbers and named lengths", async () => {
    const [tokens, kind] = [input("tokens", [6], { dtype: "int32" }), label("kind", { classes: 2 })];
    const series = input("series", ["T", 2]);
    const mean = onnx.ReduceMean(series, [1], { keepdims: 0 });
    const network = model({
      name: "sequences",
      inputs: [tokens, series],
      labels: [kind],
      loss: softmaxCrossEntropy(dense(mean, { name: "fc", units: 2 }), kind),
      outputs: { tokens_out: onnx.Identity(tokens), doubled: onnx.Add(series, series) },
    });
    const program = compile(network);
    const features = { tokens: wholes(9, 3, 2, 3), series: pixels(3, 5, 2) };
    const prepared = await prepareDataset(
      { features, labels: { kind: wholes(2, 3) } },
      {
        ...dataShapes(compileEvaluation(network)),
        scale: 0.1,
      },
    );
    const weights = viewsByName(program, initialWeights(program, 1));
    const all = { directory: join(root, "whole"), network, result: result({ model: weights }), train: prepared };
    const session = await InferenceSession.create((await saveResult(all)).onnx);
    expect(session.inputMetadata.map((one) => one.isTensor && one.shape)).toEqual([
      ["N", 2, 3],
      ["N", "T", 2],
    ]);
    const longer = pixels(1, 7, 2);
    const outputs = await session.run({
      tokens: new Tensor("int32", wholes(9, 1, 2, 3).data, [1, 2, 3]),
      series: new Tensor("float32", longer.data, [1, 7, 2]),
    });
    await session.release();
    expect(outputs.tokens_out?.data).toEqual(wholes(9, 1, 2, 3).data);
    expect(outputs.doubled?.data).toEqual(longer.data.map((value) => 2 * Math.fround(value * Math.fround(0.1))));
  });
});

function tinyNetwork(): Network {
  const [data, kind] = [input("data", [3]), label("kind", { classes: 2 })];
  const scores = dense(data, { name: "fc", units: 2 });
  const loss = softmaxCrossEntropy(scores, kind);
  return model({ name: "tiny", inputs: [data], labels: [kind], loss, outputs: { prob: softmax(scores) } });
}

/** `run.json` as anybody may have edited it. */
// biome-ignore lint/suspicious/noExplicitAny: it is damaged on purpose, at any depth.
type Loose = any;

describe("a result folder", () => {
  const network = tinyNetwork();
  const program = compile(network);
  const run = result({ model: viewsByName(program, initialWeights(program, 3)) });
  const origin = { files: [{ name: "rows.csv", sha256: "ab".repeat(32) }], part: "rows", count: 10 } as const;
  const classNames = { kind: ["cat", "dog"] };
  const dataset = { features: { data: pixels(10, 3) }, labels: { kind: wholes(2, 10) }, origin, classNames };

  async function saved(name: string): Promise<string> {
    const prepared = await prepareDataset(dataset, { ...dataShapes(program), scale: 0.5, mean: 7 });
    const directory = join(root, name);
    const parts = splitDataset(prepared, { validation: 0.3 });
    await saveResult({ directory, network, result: run, ...parts, sources: ["models/tiny.prototxt"] });
    return directory;
  }

  it("is read back whole: weights, history, the rows held out, class names, options", async () => {
    const directory = await saved("whole-folder");
    expect(readdirSync(directory).sort()).toEqual(Object.values(resultFiles).sort());
    const { record, split, history, weights, program: evaluation } = await readResult(directory);
    expect(weights).toEqual(run.model);
    expect(record).toMatchObject({ network: "tiny", sources: ["tiny.prototxt"], status: "completed", classNames });
    expect(record).toMatchObject({ options: run.run.options, kept: run.run.kept, epochs: 2 });
    expect(history).toEqual(run.epochs.map((epoch) => ({ event: "epoch", ...epoch })));
    expect(split.training).toEqual(origin);
    const { taken = [], ...place } = split.validation ?? {};
    expect(place).toEqual(origin);
    const held = await loadInMemory(splitDataset(dataset, { validation: 0.3 }).validation);
    const own = (row: number) => dataset.features.data.data.subarray(3 * row, 3 * row + 3);
    expect(Float32Array.from(taken.flatMap((row) => [...own(row)]))).toEqual(
      Float32Array.from(held.features.data?.data ?? []),
    );
    expect(evaluation.evaluate.classified).toEqual([{ label: "kind", output: "class:kind" }]);
    expect(evaluation.infer.outputs).toEqual(["prob"]);
  });

  it("holds what a report is made of, and the report", async () => {
    const directory = await saved("reported");
    const read = await readResult(directory);
    expect(read.curve).toEqual(run.curve);
    expect(read.statistics).toEqual(run.statistics);
    expect(read.picture).toMatch(/^<svg [\s\S]*tiny/);
    // What was known in the run is what is read of its result: the page is the same.
    const page = readFileSync(join(directory, resultFiles.report), "utf8");
    expect(reportHtml(reportDataOf(read))).toBe(page);
    const { count, files } = origin;
    const taken = read.split.validation?.taken ?? [];
    expect(reportDataOf(read).rows.map(({ name, text }) => [name, text])).toEqual([
      ["training rows", expect.stringContaining(`${count - taken.length} of ${count} rows of ${files[0]?.name}`)],
      ["validation rows", expect.stringContaining(`${taken.length} of ${count} rows of ${files[0]?.name}`)],
    ]);
  });

  it("has no report where none is wanted, nor that of an earlier result", async () => {
    const directory = await saved("unreported");
    const files = await saveResult({ directory, network, result: run, report: false });
    expect(files.report).toBeUndefined();
    expect(readdirSync(directory)).not.toContain(resultFiles.report);
    await readResult(directory);
  });

  it("is read where it is of a version that wrote no curve, statistics and picture; one that lost them is refused", async () => {
    const directory = await saved("older");
    const lost = [resultFiles.curve, resultFiles.statistics, resultFiles.picture, resultFiles.report];
    for (const file of lost) rmSync(join(directory, file));
    expect(await problemsOf(readResult(directory))).toEqual(
      new Array(3).fill("RESULT_FILE_MISSING it is not in the result folder"),
    );
    const file = join(directory, resultFiles.run);
    const record = JSON.parse(readFileSync(file, "utf8"));
    for (const name of lost) delete record.files[name];
    writeFileSync(file, JSON.stringify(record));
    const read = await readResult(directory);
    expect([read.curve, read.statistics, read.picture]).toEqual([[], undefined, undefined]);
    expect(reportHtml(reportDataOf(read))).toContain("tiny");
  });

  it("is the same, byte for byte, from the same run", async () => {
    const [a, b] = [await saved("a"), await saved("b")];
    for (const file of readdirSync(a))
      expect(readFileSync(join(a, file)).equals(readFileSync(join(b, file)))).toBe(true);
  });

  it("goes beside a result that came there while it was trained, unless that is to be replaced", async () => {
    const directory = await saved("shared");
    const before = readFileSync(join(directory, resultFiles.run));
    const notes: Note[] = [];
    const all = { directory: `${directory}/`, network, result: run, say: (note: Note) => notes.push(note) };
    for (const number of [2, 3]) {
      const { run: file } = await saveResult({ ...all, replace: false });
      expect(file).toBe(join(`${directory}-${number}`, resultFiles.run));
      await readResult(`${directory}-${number}`);
    }
    expect(readFileSync(join(directory, resultFiles.run)).equals(before)).toBe(true);
    expect(notes.map(({ hint }) => hint)).toEqual(
      [2, 3].map((number) => `the result of this one is in ${directory}-${number}`),
    );
    await saveResult(all);
    expect(readFileSync(join(directory, resultFiles.run)).equals(before)).toBe(false);
    const fresh = join(root, "fresh");
    expect((await saveResult({ ...all, directory: fresh, replace: false })).run).toBe(join(fresh, resultFiles.run));
    expect(notes).toHaveLength(2);
  });

  it("says in model.onnx what it is", async () => {
    const directory = await saved("said");
    const decoded = onnxProto.onnx.ModelProto.decode(readFileSync(join(directory, resultFiles.onnx)));
    expect(decoded.producerName).toBe("paramserv");
    expect(decoded.producerVersion).toMatch(/^\d+\.\d+\.\d+/);
    const metadata = Object.fromEntries(decoded.metadataProps.map(({ key, value }) => [key, value]));
    expect(metadata).toMatchObject({
      network: "tiny",
      source_files: "tiny.prototxt",
      seed: "0",
      epochs: "2",
      updates: "46 of 46",
      preparation: "data: rows of 3, (x − 7) · 0.5",
      class_names: '{"kind":["cat","dog"]}',
    });
    const { record } = await readResult(directory);
    expect(JSON.parse(String(metadata.preparation_json))).toEqual(record.preparation);
  });

  it("that lacks files or holds those of another run is refused, with all of them named", async () => {
    const directory = await saved("broken");
    rmSync(join(directory, resultFiles.history));
    writeFileSync(join(directory, resultFiles.evaluation), "something else");
    const file = (name: string) => join(directory, name);
    expect(await problemsOf(readResult(directory))).toEqual([
      `RESULT_FILE_DAMAGED it is not the file that run.json was written with`,
      `RESULT_FILE_MISSING it is not in the result folder`,
    ]);
    rmSync(file(resultFiles.run));
    expect(await problemsOf(readResult(directory))).toEqual(["RESULT_FILE_MISSING it is not in the result folder"]);
  });

  it("whose run.json is damaged, or of another version, is refused", async () => {
    const directory = await saved("other");
    const file = join(directory, resultFiles.run);
    const { evaluation, ...record } = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...record, options: { ...record.options, k: "2" }, evaluation: {} }));
    expect(await problemsOf(readResult(directory))).toEqual(
      expect.arrayContaining([
        "RESULT_FILE_DAMAGED its options.k is a string, expected a whole number from 1 to 16777216",
        "RESULT_FILE_DAMAGED its evaluation.feeds is missing, expected a list",
      ]),
    );
    for (const batchsize of [0, -5, 0.5, 1e9]) {
      writeFileSync(file, JSON.stringify({ ...record, evaluation, options: { ...record.options, batchsize } }));
      expect(await problemsOf(readResult(directory))).toEqual([
        `RESULT_FILE_DAMAGED its options.batchsize is ${batchsize}, expected a whole number from 1 to 16777216`,
      ]);
    }
    writeFileSync(file, JSON.stringify({ ...record, format: 99 }));
    expect(await problemsOf(readResult(directory))).toEqual([
      expect.stringMatching(/^RESULT_FORMAT_DIFFERENT its format is 99, written by paramserv .*, expected 1$/),
    ]);
    writeFileSync(file, "{");
    expect(await problemsOf(readResult(directory))).toEqual(["RESULT_FILE_DAMAGED it is no JSON object"]);
  });

  it.each([
    ["preparation.data", "an object", (record: Loose) => (record.preparation.data = null)],
    ["preparation.data.rows", "a list", (record: Loose) => (record.preparation.data.rows = 5)],
    ["evaluation.feeds[0]", "an object", (record: Loose) => (record.evaluation.feeds = [null])],
    ["evaluation.scalars[0]", "an object", (record: Loose) => (record.evaluation.scalars = [null])],
    ["evaluation.evaluate.inputs[0]", "an object", (record: Loose) => (record.evaluation.evaluate.inputs = [null])],
    [
      "evaluation.evaluate.classified[0]",
      "an object",
      (record: Loose) => (record.evaluation.evaluate.classified = [1]),
    ],
    ["evaluation.infer.outputs[0]", "a text", (record: Loose) => (record.evaluation.infer.outputs = [{}])],
    ["classNames.kind[0]", "a text", (record: Loose) => (record.classNames.kind = [7])],
  ])("whose %s in run.json is not %s is refused", async (path, expected, change) => {
    const directory = await saved("nested");
    const file = join(directory, resultFiles.run);
    const record = JSON.parse(readFileSync(file, "utf8"));
    change(record);
    writeFileSync(file, JSON.stringify(record));
    expect(await problemsOf(readResult(directory))).toEqual([`RESULT_FILE_DAMAGED its ${path} is not ${expected}`]);
  });

  it("does without data: rows are as the network takes them then", async () => {
    const directory = join(root, "no-data");
    await saveResult({ directory, network, result: run });
    const { record, split } = await readResult(directory);
    expect(split).toEqual({});
    expect(record.preparation.data).toMatchObject({ rows: [3], shape: [3], scale: 1, mean: [0] });
  });
});
