import { availableParallelism } from "node:os";
import { programHash } from "../program/hash.js";
import type { Job } from "./job.js";
import type { CheckedOptions } from "./options.js";
import type { KeptWeights, ResolvedOptions, RunRecord } from "./types.js";

/** Operator threads of each of so many workers. */
export function engineThreads({ threads }: CheckedOptions, workers: number): number {
  return threads ?? Math.max(1, Math.floor(availableParallelism() / workers));
}

/** What a run of so many workers was. */
export function runRecord({ options, program }: Job, workers: number, kept: KeptWeights): RunRecord {
  return { options: resolvedOptions(options, workers), ...(program && { program: programHash(program) }), kept };
}

/** The options of a run of so many workers with every default filled in. */
export function resolvedOptions(options: CheckedOptions, workers: number): ResolvedOptions {
  const { mode, utype, staleness, numBackupWorkers, freq, nbatches, modelAvg, nonfinite, timeout } = options;
  const { epochs, batchsize, scheme, aggregation, reshuffle, seed, engine, hyperparams, val } = options;
  const { upd, agg } = options;
  return {
    ...{ mode, utype, staleness, numBackupWorkers, freq, nbatches, modelAvg, nonfinite, timeout },
    ...{ epochs, batchsize, k: workers, scheme, aggregation, reshuffle, seed, engine },
    ...(val && { val: val.name }),
    threads: engineThreads(options, workers),
    upd: "module" in upd ? upd.name : "gradients",
    agg: "module" in agg ? agg.name : agg,
    hyperparams,
  };
}
