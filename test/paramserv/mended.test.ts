import {
  accuracy,
  add,
  constant,
  dense,
  embedding,
  flatten,
  gradientsOf,
  input,
  label,
  meanAbsoluteError,
  meanSquaredError,
  model,
  type NDArray,
  type Network,
  onnx,
  type ParamservOptions,
  paramserv,
  relu,
  sgd,
  softmaxCrossEntropy,
  target,
  variable,
} from "paramserv";
import { describe, expect, test } from "vitest";
import { noise, userFunction } from "./fixtures.js";

/** What was found by trying to break it, held. */
type Data = Pick<ParamservOptions, "features" | "labels">;

const run = (network: Network, data: Data, changes: Partial<ParamservOptions> = {}) =>
  paramserv({
    model: network,
    ...data,
    upd: gradientsOf(network),
    agg: sgd({ learningRate: 0.1 }),
    utype: "BSP",
    freq: "BATCH",
    epochs: 1,
    batchsize: 8,
    k: 1,
    ...changes,
  });

const floats = (shape: readonly number[], data: readonly number[] | Float32Array): NDArray => ({
  shape,
  data: Float32Array.from(data),
});

describe("gradients", () => {
  test("nearest Resize by a fractional scale whose length happens to be a multiple", async () => {
    const [x, y] = [input("x", [1]), target("y", [6])];
    const b = variable("b", [1, 1, 3], { initializer: constant(0) });
    const z = variable("z", [6], { role: "frozen", initializer: constant(0) });
    const resized = onnx.Resize(b, undefined, [1, 1, 2.3], undefined, {
      mode: "nearest",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    });
    const network = model({
      name: "resize",
      inputs: [x],
      labels: [y],
      loss: meanSquaredError(add([onnx.Reshape(resized, [1, 6]), onnx.Mul(x, z)]), y, { reduction: "halfSum" }),
    });
    const data = { features: floats([1, 1], [1]), labels: floats([1, 6], [1, 2, 4, 8, 16, 32]) };
    const { model: trained } = await run(network, data, { agg: sgd({ learningRate: 1 }) });
    // The cells come from 0, 0, 0, 1, 1, 2.
    expect([...(trained.b?.data ?? [])]).toEqual([7, 24, 32]);
  });

  test("what stands at a place of weight 0 changes nothing, be it NaN", async () => {
    const [x, y, w] = [input("x", [3]), target("y", [1]), target("w", [])];
    for (const loss of [meanSquaredError, meanAbsoluteError]) {
      const network = model({
        name: "masked",
        inputs: [x],
        labels: [y, w],
        loss: loss(dense(x, { name: "fit", units: 1 }), y, { sampleWeights: w }),
      });
      const learn = (masked: number) => {
        const values = noise(6, 2);
        values[4] = masked;
        const labels = { y: floats([6, 1], values), w: floats([6], [1, 1, 1, 1, 0, 1]) };
        return run(network, { features: floats([6, 3], noise(18, 1)), labels });
      };
      const [poisoned, plain] = [await learn(Number.NaN), await learn(0)];
      expect(poisoned.model["fit.weight"]?.data).toEqual(plain.model["fit.weight"]?.data);
    }
  });

  test("a rectifier stays before a pool some of whose windows lie in pads alone", async () => {
    const [x, y] = [input("x", [1, 2]), target("y", [1, 1])];
    const scaled = onnx.Mul(x, variable("s", [1], { initializer: constant(1) }));
    const [pooled] = [onnx.MaxPool(relu(scaled), { kernel_shape: [2], dilations: [3], pads: [1, 1] })].flat();
    if (pooled === undefined) throw new Error("a pool has an output");
    const network = model({ name: "pads", inputs: [x], labels: [y], loss: meanAbsoluteError(pooled, y) });
    const data = { features: floats([4, 1, 2], noise(8, 1)), labels: floats([4, 1, 1], noise(4, 2)) };
    await expect(run(network, data, { agg: sgd({ learningRate: 0 }) })).rejects.toThrow("TRAINING_DIVERGED");
  });
});

describe("data that a network cannot take are refused before anything is started", () => {
  test("tokens outside an embedding", async () => {
    const [x, y] = [input("x", [2], { dtype: "int32" }), target("y", [2])];
    const read = flatten(embedding(x, { name: "read", rows: 4, units: 1 }));
    const network = model({ name: "words", inputs: [x], labels: [y], loss: meanSquaredError(read, y) });
    for (const wrong of [-1, 4]) {
      const features = { shape: [2, 2], data: Int32Array.of(0, 1, wrong, 2) };
      await expect(run(network, { features, labels: floats([2, 2], noise(4, 1)) })).rejects.toThrow(
        `features hold ${wrong} at index 2; "x" of the network takes whole numbers from 0 to 3`,
      );
    }
  });

  test("a label that one loss ignores and a metric takes for a class", async () => {
    const [x, c] = [input("x", [3]), label("c", { classes: 3 })];
    const scores = dense(x, { name: "scores", units: 3 });
    const network = model({
      name: "ignoring",
      inputs: [x],
      labels: [c],
      loss: softmaxCrossEntropy(scores, c, { ignoreLabel: -1 }),
      metrics: { share: accuracy(scores, c) },
    });
    const labels = { shape: [2], data: Int32Array.of(-1, 1) };
    await expect(run(network, { features: floats([2, 3], noise(6, 1)), labels })).rejects.toThrow(
      "DATA_LABELS_INVALID",
    );
  });
});

describe("a run ends with one error", () => {
  const [x, c, w] = [input("x", [4]), label("c", { classes: 3 }), target("w", [])];
  const scores = dense(x, { name: "scores", units: 3 });
  const labels = { shape: [8], data: new Int32Array(8) };
  const data = { features: floats([8, 4], noise(32, 1)), labels };

  test("where an event handler throws while rows are weighed", async () => {
    const network = model({
      name: "weighed",
      inputs: [x],
      labels: [c],
      loss: softmaxCrossEntropy(scores, c, { ignoreLabel: -1 }),
    });
    const onEvent = () => {
      throw new Error("the user's own");
    };
    await expect(run(network, data, { onEvent })).rejects.toThrow("the user's own");
  });

  test("where weights are not finite after the last update", async () => {
    const network = model({
      name: "tiny",
      inputs: [x],
      labels: [c, w],
      loss: softmaxCrossEntropy(scores, c, { sampleWeights: w }),
    });
    const tiny = { features: data.features, labels: { c: labels, w: floats([8], new Array<number>(8).fill(1e-42)) } };
    await expect(run(network, tiny)).rejects.toThrow("TRAINING_DIVERGED");
  });

  test("where a user function posts messages of its own", async () => {
    const options = {
      model: { w: floats([2], [0, 0]) as NDArray<Float32Array> },
      features: floats([4, 2], noise(8, 1)),
      labels: { shape: [4], data: new Int32Array(4) },
      upd: userFunction("postsMessages"),
      agg: sgd({ learningRate: 0.1 }),
      epochs: 1,
      k: 1,
    };
    await expect(paramserv(options)).rejects.toThrow("posted a message of its own");
  });
});

describe("networks", () => {
  test("that went through JSON are told from those that are whole", () => {
    const x = input("x", [2]);
    const network = model({ name: "copied", inputs: [x], outputs: { y: dense(x, { name: "fit", units: 1 }) } });
    const copy: Network = JSON.parse(JSON.stringify(network));
    expect(() => gradientsOf(copy)).toThrow("its layers do not belong together");
  });

  test("are shown in a message without all their layers", () => {
    let h = input("x", [2]);
    for (let block = 0; block < 60; block++) h = add([h, relu(h)]);
    expect(() => relu({ h } as never)).toThrow('its input x is {"h":the tensor "add"}');
  });
});
