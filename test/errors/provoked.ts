import { readBytes } from "../../generators/source/read-file.js";
import { requirePrinters } from "../../generators/targets/target.js";
import { sharpUnavailable } from "../../runtime/data/images/sharp.js";
import { checkMemory } from "../../runtime/data/source.js";
import { unavailable } from "../../runtime/engines/native.js";
import { CompileError, type ErrorCode, internalError, RunError } from "../../runtime/errors.js";
import { graphBuilder } from "../../runtime/graph/builder.js";
import { differentiate } from "../../runtime/graph/differentiate.js";
import { toOnnx } from "../../runtime/graph/onnx.js";
import { reference } from "../../runtime/kernels/reference.js";
import {
  batchNorm,
  dense,
  input,
  label,
  meanSquaredError,
  model,
  onnx,
  relu,
  softmaxCrossEntropy,
  target,
  variable,
} from "../../runtime/layers/index.js";
import { definitionOf } from "../../runtime/layers/table.js";
import { updatePlan } from "../../runtime/optimizers/plan.js";
import { rateAt, step } from "../../runtime/optimizers/schedules.js";
import { sgd } from "../../runtime/optimizers/sgd.js";
import { makeOptimizer, optimizerProblems } from "../../runtime/optimizers/table.js";
import { gradientsOf } from "../../runtime/paramserv/gradients-of.js";
import { prepareJob } from "../../runtime/paramserv/job.js";
import { checkOptions } from "../../runtime/paramserv/options.js";
import { allocate } from "../../runtime/paramserv/shards/memory.js";
import { compile, compileInference } from "../../runtime/program/index.js";
import { readSafetensors } from "../../runtime/safetensors.js";
import { importNet } from "../caffe/caffe.js";
import { imported } from "../typescript/models.js";

const data = input("data", [4]);
const digit = label("digit", { classes: 3 });
const price = target("price", [4]);
const scores = dense(data, { name: "scores", units: 3 });
const loss = softmaxCrossEntropy(scores, digit);
const network = () => model({ name: "n", inputs: [data], labels: [digit], loss, outputs: { scores } });
const array = (length: number) => ({ shape: [length], data: new Float32Array(length) });
const options = {
  model: { w: array(2) },
  features: { shape: [2, 1], data: new Float32Array(2) },
  upd: { module: "file:///f.mjs", name: "f" },
  agg: sgd({ learningRate: 0.1 }),
  epochs: 1,
};
const net = (layers: string) =>
  importNet(
    `name: "n" layer { name: "rows" type: "MemoryData" top: "data" top: "label" memory_data_param { batch_size: 2 channels: 1 height: 4 width: 4 } } ${layers}`,
  );
const ip = (name: string, bottom: string, more = "") =>
  `layer { name: "${name}" type: "InnerProduct" bottom: "${bottom}" top: "${name}" inner_product_param { num_output: 3 } ${more} }`;
const lossOf = (bottom: string) =>
  `layer { name: "loss" type: "SoftmaxWithLoss" bottom: "${bottom}" bottom: "label" top: "loss" }`;

/** Something that has to be refused with the code. What is returned as a problem, not thrown, is thrown here. */
export const provoked: Partial<Readonly<Record<ErrorCode, () => unknown>>> = {
  CAFFE_BOTTOM_COUNT: () => net('layer { name: "x" type: "ReLU" bottom: "data" bottom: "data" top: "x" }'),
  CAFFE_BOTTOM_INVALID: () => net(ip("ip", "label") + lossOf("ip")),
  CAFFE_PHASE_DIFFERENT: () => net(ip("a", "data") + lossOf("a") + ip("b", "data", "include { phase: TEST }")),
  DATA_TOO_LARGE: () => checkMemory(2 ** 52, "this file"),
  DATA_PACKAGE_MISSING: () => {
    throw new RunError(sharpUnavailable(new Error("Cannot find package 'sharp'")));
  },
  ENGINE_UNAVAILABLE: () => {
    throw new RunError(unavailable(new Error("no such library")));
  },
  GRAPH_GRADIENT_MISSING: () => {
    const g = graphBuilder("missing");
    const x = g.input("x", "float32", [2]);
    const y = g.op("OneHot", [g.ints([0, 2]), g.scalar(3, "int64"), x]);
    return differentiate(g, g.op("ReduceSum", [y], { keepdims: 0 }), [x]);
  },
  GRAPH_NAME_DUPLICATE: () => {
    const g = graphBuilder("clash");
    g.output("x", g.op("Neg", [g.input("x", "float32", ["N"])]));
    return toOnnx(g.build());
  },
  GRAPH_NODE_INVALID: () => {
    const g = graphBuilder("invalid");
    return g.op("MatMul", [g.input("x", "float32", [2, 3]), g.input("y", "float32", [2, 3])]);
  },
  GRAPH_OPERATOR_UNKNOWN: () => {
    const g = graphBuilder("unknown");
    return g.op("Convolve" as "Relu", [g.input("x", "float32", [2])]);
  },
  INTERNAL: () => {
    throw internalError("a broken invariant");
  },
  LAYER_SIZE_TOO_LARGE: () => variable("v", [65536, 65536]),
  MODEL_FILE_TOO_LARGE: () => readBytes("package.json", 10),
  MODEL_FORMAT_DIFFERENT: () => definitionOf("onnx.Rele"),
  MODEL_NAME_DUPLICATE: () =>
    model({ name: "n", inputs: [data], outputs: { y: relu(relu(data, { name: "a" }), { name: "a" }) } }),
  MODEL_OPTION_INVALID: () => model({ name: "n", inputs: "data", outputs: { scores } } as never),
  MODEL_OUTPUT_NEEDS_LABEL: () =>
    model({
      name: "n",
      inputs: [data],
      labels: [price],
      loss: meanSquaredError(data, price),
      outputs: { y: relu(price) },
    }),
  MODEL_PARAMETERS_MISSING: () => {
    const normal = batchNorm(data, { name: "bn", scale: false, offset: false });
    const frozen = dense(normal, { name: "frozen", units: 3, lr: 0 });
    return compile(model({ name: "n", inputs: [data], labels: [digit], loss: softmaxCrossEntropy(frozen, digit) }));
  },
  MODEL_SIZE_TOO_LARGE: () => {
    const wide = input("wide", [40_000]);
    return model({ name: "n", inputs: [wide], outputs: { y: dense(wide, { name: "wide1", units: 40_000 }) } });
  },
  MODEL_SOURCE_UNLISTED: () => model({ name: "n", inputs: [], outputs: { scores } }),
  MODEL_SOURCE_UNUSED: () => model({ name: "n", inputs: [data, input("more", [2])], outputs: { scores } }),
  MODEL_WEIGHTS_DEPEND: () => {
    const trust = onnx.ReduceSum(dense(data, { name: "trust", units: 1 }), [1], { keepdims: 0 });
    const weighted = softmaxCrossEntropy(scores, digit, { sampleWeights: trust });
    return compile(model({ name: "n", inputs: [data], labels: [digit], loss: weighted }));
  },
  MODEL_WEIGHTS_INVALID: () => compileInference(network(), {}),
  OPTIMIZER_GROUP_UNMATCHED: () => {
    const groups = [{ variables: ["*.bias"], rateFactor: 2 }];
    return updatePlan([], makeOptimizer(sgd({ learningRate: 1, groups }), reference));
  },
  OPTIMIZER_OPTION_INVALID: () => sgd({ learningRate: -1 }),
  OPTIMIZER_TYPE_UNKNOWN: () => {
    throw new CompileError(optimizerProblems({ ...options.agg, type: "adagradd" }));
  },
  PARAMSERV_MEMORY_EXCEEDED: () => {
    const size = 2 ** 28;
    // A variable that is not to be cut.
    const chunks = [{ role: "trained", start: 0, end: size, slots: [{ start: 0, end: size }] }] as const;
    const holds = { models: false, capture: { weights: false, slots: false }, localSteps: false, candidate: false };
    return allocate({ trained: size, pushed: size, size, chunks, workers: 4, slots: 1, mask: 0, ...holds });
  },
  PARAMSERV_MODEL_INVALID: () => {
    const rows = {
      features: { shape: [2, 4], data: new Float32Array(8) },
      labels: { shape: [2], data: new Int32Array(2) },
    };
    return prepareJob(checkOptions({ ...options, ...rows, upd: gradientsOf(network()), model: { w: array(2) } }));
  },
  PARAMSERV_OPTION_INVALID: () => checkOptions({ ...options, epochs: 0 }),
  PARAMSERV_OPTION_MISSING: () => checkOptions({ ...options, epochs: undefined }),
  PARAMSERV_OPTION_UNKNOWN: () => checkOptions({ ...options, epoch: 1 }),
  PROTOTXT_FIELD_MISSING: () => net('layer { name: "x" type: "Clip" bottom: "data" top: "x" clip_param { min: 0 } }'),
  PROTOTXT_FIELD_REPEATED: () => net('name: "m"'),
  PROTOTXT_TOO_LARGE: () => importNet("layer {".repeat(200_000)),
  SAFETENSORS_INVALID: () => readSafetensors(new Uint8Array(4), "weights.safetensors"),
  SCHEDULE_OPTION_INVALID: () => step({ base: 0.1, gamma: 0.5, stepsize: -1 } as never),
  SCHEDULE_POLICY_UNKNOWN: () => rateAt({ kind: "schedule", policy: "cosine", options: {} }, 0),
  TARGET_LAYER_UNSUPPORTED: () => requirePrinters(imported(network()), "none", { prints: () => false }),
  TARGET_UNKNOWN: () => compile(network(), { target: "none" }),
};

/**
 * Codes that take threads, an engine at work or a folder of files to provoke: the tests that do so, each of which
 * compares the code.
 */
export const provokedIn: Partial<Readonly<Record<ErrorCode, string>>> = {
  CHECKPOINT_DAMAGED: "test/checkpoints/store.test.ts",
  CHECKPOINT_EXISTS: "test/checkpoints/open.test.ts",
  CHECKPOINT_FORMAT_DIFFERENT: "test/checkpoints/store.test.ts",
  CHECKPOINT_LOCKED: "test/checkpoints/lock.test.ts",
  CHECKPOINT_MISSING: "test/checkpoints/open.test.ts",
  CHECKPOINT_RUN_DIFFERENT: "test/checkpoints/open.test.ts",
  CHECKPOINT_WRITE_FAILED: "test/checkpoints/faults.test.ts",
  CLI_CONFIG_INVALID: "test/cli/config.test.ts",
  CLI_OUTPUT_EXISTS: "test/cli/picture.test.ts",
  CLI_PACKAGE_FAILED: "test/cli/convert.test.ts",
  CLI_SYSTEM_FAILED: "test/report/script.test.ts",
  DATA_ARRAY_UNSUPPORTED: "test/data/numpy.test.ts",
  DATA_LABELS_MISSING: "test/data/idx.test.ts",
  DATA_LOADER_FAILED: "test/data/prefetch.test.ts",
  DATA_NOT_INTEGER: "test/data/columns.test.ts",
  ENGINE_BATCH_INVALID: "test/engines/onnxruntime.test.ts",
  ENGINE_CLOSED: "test/engines/onnxruntime.test.ts",
  ENGINE_PROGRAM_INVALID: "test/engines/onnxruntime.test.ts",
  ENGINE_UNKNOWN: "test/engines/onnxruntime.test.ts",
  ENGINE_RUN_FAILED: "test/engines/onnxruntime.test.ts",
  LOG_DIRECTORY_UNWRITABLE: "test/report/tensorboard.test.ts",
  LOG_WRITE_FAILED: "test/report/tensorboard.test.ts",
  MODEL_FORMAT_UNKNOWN: "test/caffe/bad-files.test.ts",
  PACKAGE_FILE_EDITED: "test/typescript/write-package.test.ts",
  PACKAGE_UNWRITABLE: "test/typescript/write-package.test.ts",
  USER_FUNCTION_HUNG: "test/paramserv/healing.test.ts",
  PROTOCOL_CLOCK_WRONG: "test/paramserv/protocol/messages.test.ts",
  PROTOCOL_FENCED: "test/paramserv/protocol/messages.test.ts",
  PROTOCOL_MESSAGE_INVALID: "test/paramserv/protocol/messages.test.ts",
  PROTOCOL_MESSAGE_UNEXPECTED: "test/paramserv/protocol/messages.test.ts",
  PROTOCOL_ROWS_WRONG: "test/paramserv/protocol/messages.test.ts",
  PROTOCOL_RUN_ENDED: "test/paramserv/protocol/messages.test.ts",
  PROTOCOL_SEQUENCE_WRONG: "test/paramserv/protocol/messages.test.ts",
  PROTOCOL_SLOT_UNKNOWN: "test/paramserv/protocol/messages.test.ts",
  PROTOCOL_WORKERS_TOO_MANY: "test/paramserv/protocol/messages.test.ts",
  PROTOCOL_WORKER_UNKNOWN: "test/paramserv/protocol/messages.test.ts",
  REGRESS_CONFIG_INVALID: "test/cli/regress/regress.test.ts",
  REGRESS_FOLDER_INVALID: "test/cli/regress/regress.test.ts",
  RESULT_DIRECTORY_UNWRITABLE: "test/results/save-model.test.ts",
  RESULT_FILE_DAMAGED: "test/results/save-result.test.ts",
  RESULT_FILE_MISSING: "test/results/save-result.test.ts",
  RESULT_FORMAT_DIFFERENT: "test/results/save-result.test.ts",
  RESULT_SPLIT_DIFFERENT: "test/cli/results.test.ts",
  RESULT_WEIGHTS_INVALID: "test/results/save-model.test.ts",
  RESULT_WRITE_FAILED: "test/results/swap-files.test.ts",
  TARGET_WEIGHTS_MISSING: "test/cli/from.test.ts",
  TRAINING_DIVERGED: "test/paramserv/failures.test.ts",
  USER_FUNCTION_FAILED: "test/paramserv/failures.test.ts",
  USER_FUNCTION_INVALID: "test/paramserv/failures.test.ts",
  USER_FUNCTION_MISSING: "test/paramserv/failures.test.ts",
  WORKER_FAILED: "test/paramserv/failures.test.ts",
  WORKER_LATE: "test/paramserv/protocol/deadlines.test.ts",
  WORKER_MISSING: "test/paramserv/protocol/deadlines.test.ts",
  WORKER_SILENT: "test/paramserv/protocol/deadlines.test.ts",
};
