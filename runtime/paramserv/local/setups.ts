import { datasetInSharedMemory } from "../../data/shared.js";
import { compileKernels } from "../../kernels/wasm.js";
import type { Assignment } from "../assign.js";
import type { Job } from "../job.js";
import type { Actor } from "../protocol/types.js";
import { engineThreads } from "../run-record.js";
import { Journal } from "../shards/journal.js";
import type { SharedModel } from "../shards/memory.js";
import { EngineGate } from "../worker/engine-gate.js";
import { type RowWeights, weighedLosses } from "../worker/row-weights.js";
import type { WorkerSetup } from "./messages.js";
import { signalWords } from "./signal-channel.js";

interface Parts {
  readonly job: Job;
  readonly assignments: readonly Assignment[];
  readonly model: SharedModel;
  readonly rowWeights: RowWeights;
  readonly doorbell: Int32Array;
  /** Doubles for the sums of the optimizer's reductions. */
  readonly partials: number;
  /** Updates made before the run. */
  readonly updates: number;
}

/** Makes what a worker thread is started with. */
export function setupsOf(parts: Parts): (actor: Actor) => Omit<WorkerSetup, "port"> {
  const { job, assignments, model, rowWeights, doorbell } = parts;
  const { upd, agg, val, hyperparams, utype, batchsize, reshuffle, seed, engine, modelAvg, nonfinite } = job.options;
  const { epochs, prefetch } = job.options;
  const { training, validation, program } = job;
  const slots = assignments.length;
  const updates = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  updates[0] = parts.updates;
  const common = {
    kernels: compileKernels(),
    model,
    gates: EngineGate.words(slots),
    journal: Journal.words(slots),
    partials: new Float64Array(new SharedArrayBuffer(parts.partials * Float64Array.BYTES_PER_ELEMENT)),
    updates,
    layout: job.layout,
    program,
    threads: engineThreads(job.options, slots),
    training: datasetInSharedMemory(training.dataset),
    validation: validation && datasetInSharedMemory(validation.dataset),
    validationRows: validation?.rows ?? 0,
    lengths: training.lengths,
    givenAs: job.givenAs,
    rowWeights,
    assignments,
    options: {
      upd,
      agg,
      val,
      hyperparams,
      utype,
      batchsize,
      reshuffle,
      seed,
      engine,
      modelAvg,
      nonfinite,
      epochs,
      prefetch,
    },
  };
  const names = {
    scalars: program?.scalars.map(({ name }) => name) ?? [],
    losses: weighedLosses(program),
  };
  return (actor) => ({
    ...common,
    actor,
    signals: runsUserFunctions(job) ? undefined : signalWords(doorbell, slots, names),
  });
}

/** Whether functions of the user's run in the worker threads: they may use timers and promises. */
function runsUserFunctions({ options: { upd, agg, val } }: Job): boolean {
  return "module" in upd || "module" in agg || val !== undefined;
}
