import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { root, runNode, scratchDirectory } from "../run-cli.js";

/** A copy of the build, to break on purpose. */
const copy = join(scratchDirectory(), "paramserv");

beforeAll(() => {
  for (const name of ["dist", "templates", "package.json"])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
});

/** Runs `regress` over this project's own models, with one piece of code changed; it has to be there once. */
async function regressWith(file: string, from: string, to: string) {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  expect(text.split(from)).toHaveLength(2);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  try {
    const bin = join(copy, "dist/cli/bin.js");
    return await runNode([bin, "regress", "fixtures/models", "--only", "lenet_solver"]);
  } finally {
    writeFileSync(path, text);
  }
}

const package_ = "fixtures/models/.regress/lenet/lenet_solver.prototxt/typescript";
const row = (code: string, training: string) =>
  new RegExp(`^lenet/lenet_solver\\.prototxt +same +${code} +${training} `, "m");

it("names the layer behind which gradients are other ones when the rule of an operator is changed", async () => {
  const relu = 'x: () => g.op("Mul", [dy, positive(g, y)])';
  const { status, stdout } = await regressWith("dist/runtime/graph/operators/activations.js", relu, "x: () => dy");
  expect(stdout).toMatch(row("same", "differs"));
  expect(stdout).toMatch(
    /training: \S+lenet_train_test\.prototxt:70:\d+: the first update changes 6 of 8 variables otherwise .* the gradients part at ip1\.bias \(layer ip1, lenet_train_test\.prototxt:70:\d+\), .*; ip2\.weight and what follows it are as stored/,
  );
  expect(stdout).toMatch(/training: update 1 of 5: validation\.loss is \S+ instead of \S+ \(\S+ % off\)/);
  expect(status).toBe(1);
});

it("names file and line when a template is changed", async () => {
  const { status, stdout } = await regressWith(
    "templates/typescript/train.ts.hbs",
    "      batchsize,\n      ...options",
    "      batchsize: 1,\n      ...options",
  );
  expect(stdout).toMatch(row("differs", "same"));
  const lines = readFileSync(join(root, package_, "train.ts"), "utf8").split("\n");
  const line = lines.lastIndexOf("      batchsize,") + 1;
  expect(line).toBeGreaterThan(1);
  expect(stdout).toContain(`code: ${package_}/train.ts:${line}: generated otherwise, 2 lines of the diff`);
  expect(stdout).toContain("-      batchsize,\n    +      batchsize: 1,");
  expect(status).toBe(1);
});

it("names the layers when a default of an importer is changed", async () => {
  const { status, stdout } = await regressWith(
    "dist/generators/caffe/schema/net.js",
    "variance_norm = 8 [default = FAN_IN]",
    "variance_norm = 8 [default = FAN_OUT]",
  );
  expect(stdout).toMatch(row("differs", "differs"));
  const place = "lenet_train_test\\.prototxt:25:\\d+";
  expect(stdout).toMatch(/code: \S+\/typescript\/model\.ts:\d+: generated otherwise/);
  expect(stdout).toMatch(/^ +\+.*xavier\(\{ fan: "out" \}\)/m);
  expect(stdout).toMatch(
    new RegExp(`training: \\S+${place}: conv1\\.weight starts with other weights: their norm is `),
  );
  expect(stdout).not.toContain("conv1.bias starts with other weights");
  expect(status).toBe(1);
});
