import { join } from "node:path";
import { expect, it } from "vitest";
import { dense, input, label, model, softmaxCrossEntropy } from "../../runtime/layers/index.js";
import { sgd } from "../../runtime/optimizers/sgd.js";
import { gradientsOf } from "../../runtime/paramserv/gradients-of.js";
import { prepareJob } from "../../runtime/paramserv/job.js";
import { checkOptions } from "../../runtime/paramserv/options.js";
import { openRunCheckpoints, readArrays, snapshotArrays } from "../../runtime/paramserv/run-checkpoints.js";
import { problemsOf, temporaryDirectory } from "../data/files.js";

const { path: root } = temporaryDirectory();
const data = input("data", [4]);
const digit = label("digit", { classes: 3 });
const scores = dense(data, { name: "scores", units: 3 });
const network = model({ name: "n", inputs: [data], labels: [digit], loss: softmaxCrossEntropy(scores, digit) });

const jobOf = (changes: object) =>
  prepareJob(
    checkOptions({
      ...{ model: network, upd: gradientsOf(network), epochs: 2, k: 1 },
      features: { shape: [2, 4], data: new Float32Array(8) },
      labels: { shape: [2], data: new Int32Array(2) },
      agg: sgd({ learningRate: 0.1, momentum: 0.9 }),
      ...changes,
    }),
  );

it("saves the arrays of a run and reads them back to where they were", async () => {
  const job = jobOf({ checkpointing: "EPOCH", checkpoints: join(root, "a") });
  const arrays = () => ({
    weights: new Float32Array(job.layout.size),
    slots: [new Float32Array(job.layout.trained)],
  });
  const before = arrays();
  for (const { offset, length } of job.layout.variables) {
    for (let index = offset; index < offset + length; index++) {
      before.weights[index] = index + 1;
      if (before.slots[0] !== undefined) before.slots[0][index] = -index - 1;
    }
  }
  const opened = await openRunCheckpoints(job, 1);
  const states = { version: 1, epoch: 1, protocol: null, statistics: null };
  await opened?.write({ ...states, ...snapshotArrays(job, before) });
  await opened?.close("aborted");

  const again = jobOf({ resume: join(root, "a"), epochs: 3 });
  const resumed = await openRunCheckpoints(again, 1);
  const after = arrays();
  if (resumed?.resume === undefined) throw new Error("nothing to go on from");
  await readArrays(resumed.resume, again, after);
  expect(after).toEqual(before);
  await resumed.close("aborted");
  const other = jobOf({ resume: join(root, "a"), agg: sgd({ learningRate: 0.2, momentum: 0.9 }) });
  expect(await problemsOf(openRunCheckpoints(other, 1))).toEqual([
    "CHECKPOINT_RUN_DIFFERENT option agg.learningRate is 0.2, expected 0.1 as the run had it",
  ]);
});

it("opens nothing where nothing is asked for, and refuses what does not go together", async () => {
  expect(await openRunCheckpoints(jobOf({}), 1)).toBeUndefined();
  const problems = await problemsOf(openRunCheckpoints(jobOf({ checkpointing: 5, best: "recall" }), 1));
  expect(problems.map((text) => text.split(";")[0])).toEqual([
    "PARAMSERV_OPTION_INVALID checkpointing is 5 without checkpoints",
    "PARAMSERV_OPTION_INVALID best is given and checkpointing is 5",
    'PARAMSERV_OPTION_INVALID best is "recall" without val_features',
    'PARAMSERV_OPTION_INVALID best is "recall"',
  ]);
});
