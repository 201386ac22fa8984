import { describe, expect, it } from "vitest";
import {
  batchNorm,
  dense,
  flatten,
  input,
  label,
  meanSquaredError,
  model,
  softmaxCrossEntropy,
} from "../../runtime/layers/index.js";
import { sgd } from "../../runtime/optimizers/sgd.js";
import { gradientsOf } from "../../runtime/paramserv/gradients-of.js";
import { prepareJob } from "../../runtime/paramserv/job.js";
import { copiesByName } from "../../runtime/paramserv/model-layout.js";
import { checkOptions } from "../../runtime/paramserv/options.js";

const reference = { module: "file:///functions.mjs", name: "f" };
const weights = { w: { shape: [2], data: new Float32Array(2) } };
const rows = (count: number, ...shape: number[]) => ({
  shape: [count, ...shape],
  data: new Float32Array(count * shape.reduce((product, dim) => product * dim, 1)),
});
const classes = (...values: number[]) => ({ shape: [values.length], data: Int32Array.from(values) });
const valid = {
  model: weights,
  features: rows(4, 2),
  labels: classes(0, 1, 0, 1),
  upd: reference,
  agg: sgd({ learningRate: 0.1 }),
  epochs: 2,
};

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was thrown";
}

describe("the options", () => {
  it("have the ancestor's defaults", () => {
    expect(checkOptions(valid)).toMatchObject({
      mode: "LOCAL",
      utype: "ASP",
      freq: "EPOCH",
      batchsize: 64,
      scheme: "DISJOINT_CONTIGUOUS",
      aggregation: "mean",
      reshuffle: false,
      seed: 0,
      engine: "onnxruntime",
    });
    expect(checkOptions(valid).k).toBeGreaterThan(0);
  });

  it("left undefined are as if they were not given", () => {
    expect(checkOptions({ ...valid, k: undefined, utype: undefined }).utype).toBe("ASP");
  });

  it("that are wrong are reported all at once, each with what was found and expected", () => {
    const wrong = {
      ...valid,
      model: 7,
      features: { shape: [4, 3], data: new Float32Array(8) },
      labels: [0, 1],
      upd: () => 1,
      agg: { kind: "optimizer", type: "sgd", learningRate: -1, options: {} },
      utype: "NSP",
      freq: 3,
      epochs: 0,
      batchsize: 1.5,
      k: 100_000,
      seed: -1,
      reshuffle: "yes",
      hyperparams: { deep: {} },
      signal: 5,
      val_featur: 1,
    };
    expect(messageOf(() => checkOptions(wrong))).toMatchInlineSnapshot(`
      "PARAMSERV_OPTION_UNKNOWN: there is no option "val_featur"
        hint: did you mean val_features?
      PARAMSERV_OPTION_INVALID: model is 7; expected a network or parameters by name
      PARAMSERV_OPTION_INVALID: features have shape [4, 3], which is 12 values; their data hold 8
      PARAMSERV_OPTION_INVALID: labels is [0, 1]; expected { shape, data } with data of type Float32Array or Int32Array, or such arrays by name
      PARAMSERV_OPTION_INVALID: upd is a function; expected gradientsOf(network), or { module, name } of a function
      OPTIMIZER_OPTION_INVALID: optimizer sgd: learningRate is -1; expected a finite number, at least 0
      PARAMSERV_OPTION_INVALID: hyperparams is { deep }; expected an object of numbers, strings and booleans
      PARAMSERV_OPTION_INVALID: signal is 5; expected an AbortSignal
      PARAMSERV_OPTION_INVALID: epochs is 0; expected a whole number ≥ 1
      PARAMSERV_OPTION_INVALID: batchsize is 1.5; expected a whole number ≥ 1 and ≤ 2147483647
      PARAMSERV_OPTION_INVALID: k is 100000; expected a whole number ≥ 1 and ≤ 1024
      PARAMSERV_OPTION_INVALID: utype is "NSP"; expected one of "BSP", "ASP", "SSP", "SBP", "HOGWILD"
        hint: did you mean BSP?
      PARAMSERV_OPTION_INVALID: freq is 3; expected one of "BATCH", "NBATCHES", "EPOCH"
      PARAMSERV_OPTION_INVALID: reshuffle is "yes"; expected true or false
      PARAMSERV_OPTION_INVALID: seed is -1; expected a whole number ≥ 0"
    `);
  });

  it("that are missing are reported together", () => {
    const message = messageOf(() => checkOptions({ val_labels: valid.labels }));
    expect(message.match(/PARAMSERV_OPTION_MISSING: .*/g)).toEqual([
      "PARAMSERV_OPTION_MISSING: option model is missing",
      "PARAMSERV_OPTION_MISSING: option features is missing",
      "PARAMSERV_OPTION_MISSING: option labels is missing",
      "PARAMSERV_OPTION_MISSING: option val_labels is given without val_features; expected both or none",
      "PARAMSERV_OPTION_MISSING: option upd is missing",
      "PARAMSERV_OPTION_MISSING: option agg is missing",
      "PARAMSERV_OPTION_MISSING: option epochs is missing",
    ]);
  });

  it("and names and values of other servers are as unknown as any, with the nearest that there is", () => {
    const other = { ...valid, mode: "REMOTE", utype: "BPS", weighting: true, batchSize: 3 };
    expect(messageOf(() => checkOptions(other)).split("\n")).toEqual([
      'PARAMSERV_OPTION_UNKNOWN: there is no option "weighting"',
      expect.stringMatching(/^ {2}hint: options: model, .*utype.*/),
      'PARAMSERV_OPTION_UNKNOWN: there is no option "batchSize"',
      "  hint: did you mean batchsize?",
      'PARAMSERV_OPTION_INVALID: mode is "REMOTE"; expected "LOCAL"',
      'PARAMSERV_OPTION_INVALID: utype is "BPS"; expected one of "BSP", "ASP", "SSP", "SBP", "HOGWILD"',
      "  hint: did you mean BSP?",
    ]);
  });

  it("that do not go together are reported all at once", () => {
    const together = (changes: object) => messageOf(() => checkOptions({ ...valid, k: 3, ...changes }));
    expect(
      together({ utype: "ASP", modelAvg: true, aggregation: "sum" }).match(/PARAMSERV_OPTION_INVALID: .*/g),
    ).toEqual([
      "PARAMSERV_OPTION_INVALID: modelAvg is true and utype is ASP, where each push is an update by itself",
      'PARAMSERV_OPTION_INVALID: modelAvg is true and aggregation is "sum"',
    ]);
    for (const utype of ["SSP", "HOGWILD"]) expect(together({ utype, modelAvg: true })).toContain(`utype is ${utype}`);
    // The ancestor's words.
    for (const numBackupWorkers of [3, 7]) {
      expect(together({ utype: "SBP", numBackupWorkers })).toContain(
        `Invalid number of backup workers (with #workers=3): #backup-workers=${numBackupWorkers}`,
      );
    }
    expect(together({ utype: "SBP", numBackupWorkers: -1 })).toContain("numBackupWorkers is -1");
    expect(together({ utype: "HOGWILD", agg: reference })).toContain("utype is HOGWILD and agg is a user function");
    expect(checkOptions({ ...valid, k: 3, utype: "SBP", numBackupWorkers: 2, modelAvg: true }).utype).toBe("SBP");
    expect(checkOptions({ ...valid, k: 3, utype: "BSP", numBackupWorkers: 9 }).utype).toBe("BSP");
  });

  it("name modules by URL, so that workers find them", () => {
    expect(messageOf(() => checkOptions({ ...valid, agg: { module: "./functions.mjs", name: "f" } }))).toBe(
      'PARAMSERV_OPTION_INVALID: agg.module is "./functions.mjs"; expected a URL, such as import.meta.url',
    );
  });

  it("must be an object", () => {
    expect(messageOf(() => checkOptions(undefined))).toBe(
      "PARAMSERV_OPTION_INVALID: options are undefined; expected an object",
    );
  });
});

describe("model and data", () => {
  const data = input("data", [1, 2, 2]);
  const target = label("label", { classes: 3 });
  const scores = dense(flatten(data), { name: "ip", units: 3 });
  const network = model({ name: "tiny", inputs: [data], labels: [target], loss: softmaxCrossEntropy(scores, target) });
  const options = {
    ...valid,
    model: network,
    upd: gradientsOf(network),
    features: rows(3, 1, 2, 2),
    labels: classes(0, 2, 1),
  };
  const job = (changes: object) => prepareJob(checkOptions({ ...options, ...changes }));

  it("that fit are accepted, and the model starts from the seed", () => {
    const same = [job({ seed: 3 }), job({ seed: 3 }), job({ seed: 4 })].map(({ layout, writeWeights }) => {
      const weights = new Float32Array(layout.size);
      writeWeights(weights);
      return weights;
    });
    expect(same[1]).toEqual(same[0]);
    expect(same[2]).not.toEqual(same[0]);
  });

  it("that do not fit are reported all at once", () => {
    const message = messageOf(() =>
      job({ features: rows(2, 4), labels: classes(0, 2, 3), val_features: rows(1, 1, 2, 2), val_labels: classes(-1) }),
    );
    expect(message.split("\n")).toEqual([
      "DATA_ROWS_MISMATCH: features have 2 rows and labels 3; expected as many",
      'DATA_SHAPE_MISMATCH: features have shape [2,4]; "data" of the network takes [rows,1,2,2]',
      'DATA_LABELS_INVALID: labels hold class 3 at index 2; "label" of the network takes classes from 0 to 2',
      'DATA_LABELS_INVALID: val_labels hold class -1 at index 0; "label" of the network takes classes from 0 to 2',
    ]);
  });

  it("float class numbers are refused with advice", () => {
    expect(messageOf(() => job({ labels: { shape: [3], data: new Float32Array(3) } }))).toBe(
      'DATA_LABELS_INVALID: labels are float32; "label" of the network takes int32\n  hint: give class numbers as an Int32Array',
    );
  });

  it("a model by name must have the network's parameters", () => {
    const list = { "ip.weight": rows(3, 5), other: rows(1) };
    expect(messageOf(() => job({ model: list })).split("\n")).toEqual([
      'PARAMSERV_MODEL_INVALID: parameter "ip.weight" of network "tiny" has shape [3,4]; in the model it is [3,5]',
      'PARAMSERV_MODEL_INVALID: parameter "ip.bias" of network "tiny" has shape [3]; the model has no such parameter',
      'PARAMSERV_MODEL_INVALID: the model has a parameter "other", which network "tiny" does not have',
    ]);
  });

  it("a model by name must have what is trained and frozen; state that it leaves out starts as the network says", () => {
    const vector = input("data", [4]);
    const normal = batchNorm(vector, { name: "bn" });
    const fixed = dense(normal, { name: "fixed", units: 3, lr: [0, 0] });
    const net = model({
      name: "stateful",
      inputs: [vector],
      labels: [target],
      loss: softmaxCrossEntropy(dense(fixed, { name: "ip", units: 3 }), target),
    });
    const start = (list: object) => {
      const { layout, writeWeights } = prepareJob(
        checkOptions({ ...options, features: rows(3, 4), model: list, upd: gradientsOf(net) }),
      );
      const weights = new Float32Array(layout.size);
      writeWeights(weights);
      return copiesByName(layout, weights);
    };
    const all = start(net);
    const sevens = Object.fromEntries(
      Object.entries(all).map(([name, { shape, data }]) => [name, { shape, data: data.map(() => 7) }]),
    );
    const { "bn.running_var": _left, ...without } = sevens;
    expect(start(without)).toEqual({ ...sevens, "bn.running_var": { shape: [4], data: Float32Array.of(1, 1, 1, 1) } });
    const { "fixed.weight": _fixed, ...incomplete } = sevens;
    expect(messageOf(() => start(incomplete))).toBe(
      'PARAMSERV_MODEL_INVALID: parameter "fixed.weight" of network "stateful" has shape [3,4]; the model has no such parameter',
    );
    const wrong = { ...sevens, "bn.running_mean": { shape: [1], data: Float32Array.of(1) } };
    expect(messageOf(() => start(wrong))).toBe(
      'PARAMSERV_MODEL_INVALID: state "bn.running_mean" of network "stateful" has shape [4]; in the model it is [1]',
    );
  });

  it("labels are left out where the network has none, and only there", () => {
    const net = model({
      name: "same",
      inputs: [data],
      loss: meanSquaredError(dense(flatten(data), { name: "ip", units: 4 }), flatten(data)),
    });
    const without = { model: net, upd: gradientsOf(net), labels: undefined };
    expect(job({ ...without }).training.dataset.labels).toEqual({});
    expect(job({ ...without, labels: {} }).training.dataset.labels).toEqual({});
    expect(messageOf(() => job({ labels: undefined }))).toBe(
      'PARAMSERV_OPTION_MISSING: option labels is missing; network "tiny" takes label',
    );
    expect(messageOf(() => checkOptions({ ...valid, labels: undefined }))).toMatch(/option labels is missing/);
  });

  it("columns by name are checked each", () => {
    expect(messageOf(() => checkOptions({ ...valid, features: { a: rows(2, 2), b: [1], c: 7 } }))).toBe(
      "PARAMSERV_OPTION_INVALID: features is { a, b, c }; expected { shape, data } with data of type Float32Array or Int32Array, or such arrays by name",
    );
    expect(messageOf(() => checkOptions({ ...valid, features: { a: rows(2, 2), b: { shape: [3] } } }))).toBe(
      "PARAMSERV_OPTION_INVALID: features.b is { shape }; expected { shape, data } with data of type Float32Array or Int32Array",
    );
    expect(messageOf(() => checkOptions({ ...valid, features: {} }))).toMatch(
      /^PARAMSERV_OPTION_INVALID: features is {}/,
    );
  });

  it("a program for another engine is refused", () => {
    const upd = { kind: "gradients", program: { ...options.upd.program, target: "browser" } };
    expect(messageOf(() => job({ upd }))).toBe(
      'PARAMSERV_OPTION_INVALID: engine "onnxruntime" executes programs for "onnxruntime"; network "tiny" is compiled for "browser"\n  hint: give gradientsOf() the option target: "onnxruntime"',
    );
  });

  it("validation needs a network", () => {
    const given = { ...valid, val_features: rows(1, 2), val_labels: classes(0) };
    expect(messageOf(() => prepareJob(checkOptions(given)))).toMatch(
      /val_features are given, but upd is a user function/,
    );
  });
});
