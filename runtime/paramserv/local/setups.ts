import { datasetInSharedMemory } from "../../data/shared.js";
import { compileKernels } from "../../kernels/wasm.js";
import type { Job } from "../job.js";
import { engineThreads } from "../run-record.js";
import type { Assignment } from "./assign.js";
import { EngineGate } from "./engine-gate.js";
import type { WorkerSetup } from "./messages.js";
import type { RowWeights } from "./row-weights.js";
import type { MemoryPlan } from "./shared-arrays.js";

interface Parts {
  readonly job: Job;
  readonly assignments: readonly Assignment[];
  readonly memory: WorkerSetup["memory"];
  readonly memoryPlan: MemoryPlan;
  readonly rowWeights: RowWeights;
}

/** What each worker is started with. */
export function* setupsOf({ job, assignments, memory, memoryPlan, rowWeights }: Parts): Generator<WorkerSetup> {
  const { upd, agg, hyperparams, epochs, batchsize, reshuffle, seed, engine } = job.options;
  const { training, validation } = job;
  const common = {
    kernels: compileKernels(),
    memory,
    memoryPlan,
    gates: EngineGate.words(assignments.length),
    layout: job.layout,
    program: job.program,
    threads: engineThreads(job.options, assignments.length),
    training: datasetInSharedMemory(training.dataset),
    validation: validation && datasetInSharedMemory(validation.dataset),
    validationRows: validation?.rows ?? 0,
    lengths: training.lengths,
    givenAs: job.givenAs,
    rowWeights,
    options: { upd, agg, hyperparams, epochs, batchsize, reshuffle, seed, engine },
  };
  for (const [rank, assignment] of assignments.entries()) yield { ...common, ...assignment, rank };
}
