import { checkStored } from "./check-stored.js";
import { type Job, prepareJob } from "./job.js";
import { runLocally } from "./local/run.js";
import { checkOptions } from "./options.js";
import type { ModeName } from "./protocol/modes.js";
import type { ParamservOptions, ParamservResult } from "./types.js";

const runners: Readonly<Record<ModeName, (job: Job) => Promise<ParamservResult>>> = { LOCAL: runLocally };

/**
 * Trains a model by several workers around a parameter server, and returns it.
 *
 * How the options join: in BSP an update is the mean of the workers' gradients weighted by rows, so k workers with batch b
 * equal one worker with batch k · b, also where a loss leaves out or weighs rows; `aggregation: "sum"` adds them, as Apache
 * SystemDS does. With `freq: "EPOCH"` a worker steps a copy of the model of its own after every batch but the last of an
 * epoch, and pushes the sum of its batches' mean gradients; the server then makes one update of these. Learning-rate
 * schedules count batches on the longest path: in BSP the batches of the worker with the most, in ASP those of all pushes
 * applied.
 *
 * State, such as the running statistics of batch normalization, is what each worker makes of its own batches: in BSP the
 * next state is the mean of the workers' weighted by rows, whatever `aggregation` says, in ASP that of the push applied
 * last. With `freq: "EPOCH"` a push carries the state after its last batch.
 *
 * Same options, same seed, same `k` and BSP: the same bits. All other strategies depend on who comes first. What is said of
 * ASP holds for SSP and HOGWILD, too; SBP joins pushes as BSP does, without the slowest. A worker that is lost is replaced, and
 * its work computed again. docs/paramserv.md has all options and how to choose.
 *
 * A run ends early with status "aborted" and the model of the last applied update when `signal` fires.
 *
 * @throws CompileError with every problem of options, model and data, before anything is started
 * @throws RunError when the same work fails three times, a user function or a callback throws, or numbers are not finite
 * @example
 * const { features, labels } = await prepareDataset(dataset, dataShapes(gradientsOf(lenet).program));
 * const { model, epochs } = await paramserv({
 *   model: lenet, features, labels,
 *   upd: gradientsOf(lenet), agg: sgd({ learningRate: 0.01, momentum: 0.9 }),
 *   utype: "BSP", freq: "BATCH", epochs: 10, batchsize: 64, k: 2, seed: 1,
 * });
 */
export async function paramserv(options: ParamservOptions): Promise<ParamservResult> {
  const checked = checkOptions(options);
  const job = prepareJob(checked);
  await checkStored(job);
  return runners[checked.mode](job);
}
