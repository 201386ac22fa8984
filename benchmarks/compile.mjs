// What compiling and exporting cost: seconds for each phase of a residual network of three sizes, folding of constants,
// initial weights and export of 50 million parameters with the memory that they take. Each part runs in a process of its
// own, so that none profits from what another warmed up or is charged for memory that another left. Growth counts:
// twice the nodes should take twice the time.
//
//   npm run bench:compile -- [--parameters 50e6] [--rounds 5]
import { spawnSync } from "node:child_process";
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  add,
  batchNorm,
  conv2d,
  dense,
  gaussian,
  globalAveragePool,
  input,
  label,
  maxPool2d,
  meanSquaredError,
  model,
  relu,
  softmaxCrossEntropy,
  target,
} from "paramserv";
import { graphBuilder } from "../dist/runtime/graph/builder.js";
import { beforeGradients, simplify } from "../dist/runtime/graph/passes/index.js";
import { compile, compileInference, exportOnnx, initialWeights, viewsByName } from "../dist/runtime/program/index.js";
import { lowerScalars } from "../dist/runtime/program/scalars.js";
import { stepGraph } from "../dist/runtime/program/stages.js";
import { withGradients } from "../dist/runtime/program/total-loss.js";
import { saveModel } from "../dist/runtime/results/index.js";
import { targetNamed } from "../dist/runtime/targets/index.js";

const { values } = parseArgs({
  options: {
    part: { type: "string" },
    parameters: { type: "string", default: "50e6" },
    rounds: { type: "string", default: "5" },
  },
});
const rounds = Number(values.rounds);

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const seconds = (value) => `${value.toFixed(value < 0.0995 ? 3 : 2)} s`;

function timed(work) {
  // What is timed shall not pay for what was thrown away before.
  global.gc?.();
  const start = performance.now();
  const result = work();
  return [result, (performance.now() - start) / 1000];
}

/** Median seconds of several rounds. */
const secondsOf = (work) => median(Array.from({ length: rounds }, () => timed(work)[1]));

/**
 * Bottlenecks of three convolutions as in ResNet-50 (He et al. 2015), which has 3, 4, 6 and 3: with these numbers the step
 * has about 5,000 nodes.
 */
const bottlenecks = [7, 10, 15, 7];

function residualNetwork(times) {
  const image = input("image", [3, 64, 64]);
  const digit = label("digit", { classes: 10 });
  const block = (x, { name, filters, kernel, stride = 1 }) => {
    const options = { name, filters, kernel, stride, pad: (kernel - 1) / 2, bias: false };
    return batchNorm(conv2d(x, options), { name: `${name}.bn` });
  };
  let x = maxPool2d(relu(block(image, { name: "stem", filters: 8, kernel: 7, stride: 2 })), { kernel: 2, stride: 2 });
  for (const [stage, count] of bottlenecks.entries()) {
    const filters = 4 * 2 ** stage;
    for (let index = 0; index < count * times; index += 1) {
      const name = `stage${stage}.${index}`;
      const stride = index === 0 && stage > 0 ? 2 : 1;
      const one = relu(block(x, { name: `${name}.a`, filters, kernel: 1 }));
      const two = relu(block(one, { name: `${name}.b`, filters, kernel: 3, stride }));
      const three = block(two, { name: `${name}.c`, filters: 4 * filters, kernel: 1 });
      const same = index > 0 ? x : block(x, { name: `${name}.d`, filters: 4 * filters, kernel: 1, stride });
      x = relu(add([three, same]));
    }
  }
  const scores = dense(globalAveragePool(x), { name: "scores", units: 10 });
  return model({ name: "residual", inputs: [image], labels: [digit], loss: softmaxCrossEntropy(scores, digit) });
}

function residual() {
  const target = targetNamed("onnxruntime");
  const [first, cold] = timed(() => compile(residualNetwork(1)));
  console.log(`Residual network: the first compilation of a process, its layers included, ${seconds(cold)}`);
  console.log(`  ${first.variables.length} variables, step of ${(first.step.bytes.length / 1024).toFixed(0)} KiB`);
  // Later rounds are faster, whatever they do.
  for (let round = 0; round < 2; round += 1) compile(residualNetwork(1));
  const rows = [1, 2, 4].map((times) => {
    const network = residualNetwork(times);
    const step = stepGraph(network);
    const wanted = step.bound.outputs.filter(({ role }) => role === "gradient");
    const gradients = wanted.map(({ variable, output }) => ({ input: variable, output }));
    const inputs = gradients.map(({ input }) => input);
    const simplified = simplify(step.bound.graph);
    const lowered = target.lower(simplified);
    const phases = {
      layers: () => residualNetwork(times),
      "to operators": () => lowerScalars(network, "step", true),
      "before gradients": () => beforeGradients(step.forward, inputs),
      differentiate: () => withGradients(step.prepared, "total", gradients),
      simplify: () => simplify(step.bound.graph),
      "lower for its engine": () => target.lower(simplified),
      serialize: () => target.serialize(lowered),
      "whole compile (target < 1 s)": () => compile(network),
    };
    const made = step.bound.graph.nodes.length;
    const took = Object.entries(phases).map(([name, work]) => [name, secondsOf(work)]);
    return { times, made, left: lowered.nodes.length, took: Object.fromEntries(took) };
  });
  const [once] = rows;
  for (const { times, made, left, took } of rows) {
    const growth = (value, unit) => (times === 1 ? "" : ` (${(value / unit).toFixed(1)}×)`);
    console.log(`  ${times}×: ${made} nodes with gradients${growth(made, once.made)}, ${left} in the end`);
    for (const [name, value] of Object.entries(took)) {
      console.log(`      ${name.padEnd(30)}${seconds(value).padStart(8)}${growth(value, once.took[name])}`);
    }
  }
}

/** x + (1 + c) + (2 + c) + …: every second node is folded to a constant of its own. */
function foldingGraph(count) {
  const g = graphBuilder("fold");
  let x = g.input("x", "float32", ["N"]);
  for (let index = 0; index < count; index += 1) {
    x = g.op("Add", [x, g.op("Add", [g.scalar(index), g.scalar(0.25)])]);
  }
  g.output("y", x);
  return g.build();
}

function folding() {
  console.log("Folding of distinct constants");
  let unit;
  for (const count of [2000, 4000, 8000]) {
    const graph = foldingGraph(count);
    const took = secondsOf(() => simplify(graph));
    unit ??= took;
    console.log(`  ${count}: ${seconds(took)} (${(took / unit).toFixed(1)}×)`);
  }
}

/** Dense layers of 2048 units with so many parameters together. */
function denseNetwork(parameters, weights) {
  const data = input("data", [2048]);
  const wanted = target("wanted", [2048]);
  const count = Math.max(1, Math.round(parameters / (2048 * 2049)));
  let x = data;
  for (let index = 0; index < count; index += 1) {
    x = relu(dense(x, { name: `fc${index}`, units: 2048, ...(weights && { weights }) }));
  }
  const loss = meanSquaredError(x, wanted);
  return model({ name: "dense", inputs: [data], labels: [wanted], loss, outputs: { y: x } });
}

function initial() {
  const programs = {
    "xavier()": compile(denseNetwork(Number(values.parameters))),
    "gaussian()": compile(denseNetwork(Number(values.parameters), gaussian())),
  };
  for (const [name, program] of Object.entries(programs)) {
    const [, took] = timed(() => initialWeights(program, 1));
    console.log(`Initial weights, ${(program.size / 1e6).toFixed(1)} M by ${name}: ${seconds(took)}`);
  }
}

const peak = () => process.resourceUsage().maxRSS * 1024;

/** Resident memory beyond what there is before, at its peak, and the seconds. */
async function measured(work) {
  global.gc?.();
  const before = process.memoryUsage().rss;
  const start = performance.now();
  await work();
  return { took: (performance.now() - start) / 1000, extra: peak() - before };
}

/** What any program pays to have as many bytes as both files hold safe on disk. */
function writeTwice(path, { buffer }) {
  const file = openSync(path, "w");
  for (let copy = 0; copy < 2; copy += 1) writeSync(file, new Uint8Array(buffer));
  fsyncSync(file);
  closeSync(file);
}

async function exporting() {
  const network = denseNetwork(Number(values.parameters));
  const program = compile(network);
  // Every page is written to, so that it counts as resident before the export.
  const flat = new Float32Array(program.size).fill(0.5);
  const weights = viewsByName(program, flat);
  const directory = mkdtempSync(join(tmpdir(), "paramserv-bench-"));
  const report = (name, { took, extra }) => {
    const ratio = Math.max(0, extra) / flat.byteLength;
    console.log(`  ${name}: ${seconds(took)}, ${ratio.toFixed(2)} × the size of the parameters in memory beside them`);
  };
  console.log(`Export of ${(program.size / 1e6).toFixed(1)} M parameters (target < 1 s and < 1.5 × beside the disk)`);
  try {
    report("model.onnx in pieces", await measured(() => exportOnnx(network, weights)));
    report("model.onnx as one array", await measured(() => compileInference(network, weights)));
    report(
      "model.onnx and model.safetensors on disk",
      await measured(() => saveModel({ directory, network, weights })),
    );
    const alone = await measured(() => writeTwice(join(directory, "plain"), flat));
    console.log(`  as many bytes written to this disk by themselves: ${seconds(alone.took)}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const parts = { residual, folding, initial, export: exporting };
if (values.part !== undefined) await parts[values.part]();
else {
  console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, median of ${rounds} rounds`);
  for (const part of Object.keys(parts)) {
    const given = ["--part", part, "--parameters", values.parameters, "--rounds", values.rounds];
    const script = fileURLToPath(import.meta.url);
    const { status } = spawnSync(process.execPath, ["--expose-gc", script, ...given], { stdio: "inherit" });
    if (status !== 0) process.exitCode = 1;
  }
}
