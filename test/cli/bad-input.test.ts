import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root, runCli, scratchDirectory } from "./run-cli.js";

const scratch = scratchDirectory();
const lenet = "fixtures/models/lenet/lenet_solver.prototxt";
const digits = "fixtures/data/digits.npz";
const caffe = "fixtures/bad/caffe";
const data = "fixtures/bad/data";
const small = "test/cli/models/small_solver.prototxt";

mkdirSync(join(scratch, "full"));
writeFileSync(join(scratch, "full/notes.txt"), "mine\n");
writeFileSync(join(scratch, "file"), "a file\n");
mkdirSync(join(scratch, "no-package"));
mkdirSync(join(scratch, "other-package"));
writeFileSync(join(scratch, "other-package/package.json"), '{ "dependencies": { "left-pad": "1" } }\n');
mkdirSync(join(scratch, "not-installed"));
writeFileSync(join(scratch, "not-installed/package.json"), '{ "dependencies": { "paramserv": "file:.." } }\n');

const out = (name: string): readonly string[] => ["-o", join(scratch, name)];
const train = (model: string, file: string, ...more: readonly string[]): readonly string[] => [
  ...["train", model, "--data", file, "--epochs", "1", "-k", "1"],
  ...out("unused"),
  ...more,
];

/** Each with the golden file that holds what is said about it. */
const cases: Readonly<Record<string, readonly string[]>> = {
  "no-command": [],
  "unknown-command": ["trian", small],
  "unknown-option": ["train", small, "--data", digits, "--epoch", "3"],
  "several-unknown-options": ["inspect", small, "--jsn", "--colour", "red"],
  "wrong-option-values": [
    ...["train", small, "--data", digits, "--epochs", "0", "-k", "many", "--utype", "BPS", "--validation", "1"],
    ...["--learning-rate", "-1", "--input-shape", "1x8x8"],
  ],
  "misspelt-choice": ["train", small, "--data", digits, "--utype", "BPS", "--engine", "onnxruntim"],
  "batches-twice": train(small, digits, "--batchsize", "8", "--global-batchsize", "64"),
  "option-not-for-target": ["convert", small, ...out("unused"), "--target", "onnx", "--epochs", "3", "--data", digits],
  "option-without-value": ["convert", small, "--out"],
  "option-missing": ["convert", small],
  "no-model": ["inspect"],
  "two-models": ["inspect", small, lenet],
  "train-without-data": ["train", small],
  "unknown-dump-stage": ["inspect", small, "--dump", "gradient"],
  "validation-twice": train(small, digits, "--validation", "0.5", "--val-data", digits),
  "unknown-engine": train(small, digits, "--engine", "onnx"),

  "model-missing": ["inspect", "nowhere/net.prototxt"],
  "train-nothing": ["train", "nowhere/package"],
  "model-is-directory": ["inspect", "fixtures"],
  "not-a-prototxt": ["inspect", `${caffe}/readme.prototxt`],
  "unknown-layer-type": ["inspect", `${caffe}/unknown_type.prototxt`],
  "wrong-field": ["inspect", `${caffe}/wrong_field.prototxt`],
  "missing-bottom": ["inspect", `${caffe}/missing_bottom.prototxt`],
  cycle: ["inspect", `${caffe}/cycle.prototxt`],
  "impossible-kernel": ["convert", `${caffe}/impossible_kernel.prototxt`, ...out("unused")],
  "solver-without-net": ["inspect", `${caffe}/solver_without_net.prototxt`],
  "model-without-loss": train("test/cli/models/unlabelled_net.prototxt", digits),

  "data-missing": train(small, "nowhere.npz"),
  "data-is-directory": train(small, "fixtures"),
  "data-empty": train(small, `${data}/empty.npz`),
  "data-truncated": train(small, `${data}/truncated.npz`),
  "data-of-unknown-format": train(small, lenet),
  "data-with-wrong-channels": train(lenet, `${data}/channels.npz`),
  "data-with-wrong-width": train(lenet, `${data}/vectors.npz`),
  "data-rows-differ": train(lenet, `${data}/rows.npz`),
  "data-not-finite": train(lenet, `${data}/not-finite.npz`),
  "data-words": train(lenet, `${data}/words.csv`),
  "arrays-missing": train(lenet, `${data}/names.npz`),
  "array-not-in-file": train(small, digits, "--input", "data=pixels"),
  "array-for-no-input": train(small, digits, "--input", "image=x", "--label", "digit=y"),
  "array-named-badly": train(
    small,
    digits,
    "--input",
    "data",
    "--input",
    "data",
    "--label",
    "label=y",
    "--label",
    "label=z",
  ),
  "labels-out-of-range": train(lenet, `${data}/labels.npz`),
  "labels-file-missing": train(lenet, digits, "--labels", "nowhere.npy"),

  "output-under-a-file": ["train", small, "--data", digits, ...out("file/result")],
  "output-is-a-file": ["train", small, "--data", digits, ...out("file")],
  "output-not-empty": ["train", small, "--data", digits, ...out("full")],
  "package-under-a-file": ["convert", small, ...out("file/package")],
  "package-directory-not-empty": ["convert", small, ...out("full")],

  "no-package": ["train", join(scratch, "no-package")],
  "no-training-package": ["train", join(scratch, "other-package")],
  "package-not-installed": ["train", join(scratch, "not-installed")],
  "option-not-for-packages": ["train", join(scratch, "not-installed"), "--dump", "graph", "--input-shape", "1,8,8"],
};

describe("bad input", () => {
  it.concurrent.for(Object.entries(cases))("%s: is told as its golden file shows", async ([name, args], { expect }) => {
    const { status, stdout, stderr, seconds } = await runCli(args);
    const typed = ["$ paramserv", ...args].join(" ");
    const text = `${typed}\n${stderr}exit ${status}\n`.replaceAll(scratch, "SCRATCH");
    expect(stdout).toBe("");
    expect(status).toBe(2);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(text).not.toContain(root);
    expect(seconds).toBeLessThan(30);
    await expect(text).toMatchFileSnapshot(`golden/bad/${name}.txt`);
  });

  it("shows the stack of an error with --debug only", async () => {
    const { stderr, status } = await runCli(["inspect", "nowhere.prototxt", "--debug"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^\s+at /m);
  });
});
