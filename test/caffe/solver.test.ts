import { describe, expect, test } from "vitest";
import type { ImportedModel } from "../../generators/imported.js";
import { rateAt } from "../../runtime/optimizers/schedules.js";
import { importTexts, lossOf, problemsOf } from "./caffe.js";

const net = `layer { name: "rows" type: "MemoryData" top: "data" top: "label" memory_data_param { batch_size: 8 channels: 1 height: 2 width: 2 } }
layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip" inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" top: "loss" }
`;

const solve = (text: string): Promise<ImportedModel> =>
  importTexts({ "solver.prototxt": `net: "net.prototxt" max_iter: 100 ${text}`, "net.prototxt": net });

describe("a solver", () => {
  // Rates by the formulas of caffe.proto, worked out by hand for these iterations.
  test.each([
    ['lr_policy: "fixed"', 10, 0.5],
    ['lr_policy: "step" gamma: 0.1 stepsize: 4', 9, 0.5 * 0.1 ** 2],
    ['lr_policy: "exp" gamma: 0.9', 3, 0.5 * 0.9 ** 3],
    ['lr_policy: "inv" gamma: 0.1 power: 0.75', 10, 0.5 * 2 ** -0.75],
    ['lr_policy: "multistep" gamma: 0.5 stepvalue: 3 stepvalue: 6', 6, 0.125],
    ['lr_policy: "poly" power: 2', 50, 0.125],
    ['lr_policy: "sigmoid" gamma: 1 stepsize: 5', 5, 0.25],
  ])("with %s has its rate", async (policy, iteration, rate) => {
    const { training } = await solve(`base_lr: 0.5 ${policy}`);
    expect(rateAt(training.optimizer?.learningRate ?? -1, iteration)).toBeCloseTo(rate, 12);
  });

  const rate = 'base_lr: 0.5 lr_policy: "fixed"';

  test("gives momentum, decay, seed, iterations and validation", async () => {
    const { training } = await solve(
      `${rate} momentum: 0.9 weight_decay: 0.01 regularization_type: "L1" random_seed: 7 test_iter: 3 test_interval: 5`,
    );
    expect(training).toMatchObject({
      optimizer: { type: "sgd", options: { momentum: 0.9, nesterov: false, weightDecay: 0.01, regularization: "L1" } },
      iterations: 100,
      validate: true,
      seed: 7,
    });
    expect(training.batchsize).toBe(8);
  });

  test("of type Nesterov, new or old, looks ahead; without momentum it is SGD", async () => {
    for (const type of ['type: "Nesterov"', "solver_type: NESTEROV", "solver_type: 1"]) {
      const { training } = await solve(`${rate} ${type} momentum: 0.9`);
      expect(training.optimizer?.options.nesterov).toBe(true);
    }
    const { training } = await solve(`${rate} type: "Nesterov"`);
    expect(training.optimizer?.options.nesterov).toBe(false);
  });

  test("with iter_size gets batches of so many times the rows, with a note", async () => {
    const { training, notes } = await solve(`${rate} iter_size: 4`);
    expect(training.batchsize).toBe(32);
    expect(notes.map(({ message }) => message)).toEqual([expect.stringContaining("iter_size 4")]);
  });

  test("may hold its net, with a state for each phase", async () => {
    const staged = net.replace('name: "loss"', 'name: "loss" include { stage: "s" }').replaceAll("\n", " ");
    const text = `net_param { ${staged} } train_state: { stage: "s" } max_iter: 1 ${rate}`;
    const { network, files } = await importTexts({ "solver.prototxt": text });
    expect(lossOf(network)?.layer.name).toBe("loss");
    expect(files).toHaveLength(1);
  });

  test("may have a train_net and a test_net, whose layers meet by name", async () => {
    const accuracy = 'layer { name: "accuracy" type: "Accuracy" bottom: "ip" bottom: "label" top: "accuracy" }\n';
    const text = `train_net: "a.prototxt" test_net: "b.prototxt" test_iter: 1 test_interval: 1 max_iter: 1 ${rate}`;
    const { network, files } = await importTexts({
      "s.prototxt": text,
      "a.prototxt": net,
      "b.prototxt": net + accuracy,
    });
    expect(network.metrics.accuracy?.layer.inputs[0]).toBe(lossOf(network)?.layer.inputs[0]);
    expect(network.variables).toHaveLength(2);
    expect(files).toHaveLength(3);
  });

  test("leaves a note for every field without effect", async () => {
    const fields = [
      "display: 1",
      "average_loss: 2",
      "snapshot: 3",
      'snapshot_prefix: "x"',
      "solver_mode: GPU",
      "device_id: 1",
      "delta: 1e-6",
      "debug_info: true",
      "gamma: 0.1",
    ];
    const { notes } = await solve(`${rate} ${fields.join(" ")}`);
    expect(notes.map(({ message }) => message.split(" ")[2])).toEqual(fields.map((field) => field.split(":")[0]));
  });

  test.each([
    ["no base_lr", 'lr_policy: "fixed"', "no base_lr"],
    ["no lr_policy", "base_lr: 1", "no lr_policy"],
    ["a step policy without stepsize", 'base_lr: 1 lr_policy: "step" gamma: 0.1', "no stepsize"],
    ["a negative rate", 'base_lr: -1 lr_policy: "fixed"', "base is -1"],
    ["a momentum of 1", `${rate} momentum: 1`, "momentum is 1"],
    ["both ways to write the type", `${rate} type: "SGD" solver_type: SGD`, "type and solver_type"],
    ["an unknown type", `${rate} type: "Sgd"`, 'type is "Sgd"'],
    ["trained weights", `${rate} weights: "a.caffemodel"`, "weights"],
    ["two nets", `${rate} net: "a" train_net: "b"`, "2 times"],
    ["test_iter without test_interval", `${rate} test_iter: 1`, "no test_interval"],
  ])("with %s is refused", async (_what, text, words) => {
    const problems = await problemsOf(`${text} max_iter: 1${text.includes("net:") ? "" : ' net: "nowhere"'}`);
    expect(problems.map(({ message }) => message).join("\n")).toContain(words);
  });
});
