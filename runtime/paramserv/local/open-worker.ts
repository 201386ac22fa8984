import type { Session } from "../../engines/engine.js";
import { openEngine } from "../../engines/index.js";
import { internalError } from "../../errors.js";
import type { Kernels } from "../../kernels/kernels.js";
import { wasmKernels } from "../../kernels/wasm.js";
import { makeOptimizer } from "../../optimizers/table.js";
import type { VariableBuffer } from "../../program/types.js";
import { loadUserFunction } from "../user-function.js";
import { EngineGate, gatedSession } from "./engine-gate.js";
import { engineEvaluator, engineGradients } from "./engine-gradients.js";
import type { GradientSource } from "./gradient-source.js";
import type { Report, WorkerSetup } from "./messages.js";
import { optimizerUpdater } from "./optimizer-updater.js";
import { viewArrays, type WorkerArrays } from "./shared-arrays.js";
import { Stopwatch } from "./stopwatch.js";
import type { Updater, UpdaterArrays } from "./updater.js";
import { userGradients } from "./user-gradients.js";
import { userUpdater } from "./user-updater.js";
import { TrainingWorker } from "./worker.js";

export interface OpenWorker {
  readonly worker: TrainingWorker;
  close(): Promise<void>;
}

/** Loads what a worker needs: user functions, the engine where a program is given, kernels and its view of the memory. */
export async function openWorker(setup: WorkerSetup, send: (report: Report) => void): Promise<OpenWorker> {
  const kernels = wasmKernels(setup.kernels, setup.memory);
  const shared = viewArrays(setup.memory, setup.memoryPlan);
  const own = shared.workers[setup.rank];
  if (own === undefined) throw internalError(`there is no memory for worker ${setup.rank}`);
  const arrays = { shared, own, rank: setup.rank };
  const updater = await openUpdater(setup, arrays, kernels);
  const { options, program, threads } = setup;
  const gate = new EngineGate(setup.gates, setup.rank);
  const open = program && (() => openEngine(options.engine, program, { threads }));
  const session = open && gatedSession(await gate.run(open), gate);
  const source = await openSource({ setup, own, kernels, session });
  const evaluator = program && session && engineEvaluator(session, program);
  const stopwatch = new Stopwatch();
  const collect = collector(setup.layout, own, kernels);
  const worker = new TrainingWorker({ setup, source, evaluator, updater, shared, gate, stopwatch, collect, send });
  return { worker, close: async () => session?.close() };
}

async function openUpdater(setup: WorkerSetup, arrays: UpdaterArrays, kernels: Kernels): Promise<Updater> {
  const { layout, options } = setup;
  const { agg, hyperparams } = options;
  if ("module" in agg)
    return userUpdater({ ...arrays, agg: await loadUserFunction(agg), kernels, layout, hyperparams });
  return optimizerUpdater({ ...arrays, optimizer: makeOptimizer(agg, kernels), kernels, layout });
}

async function openSource(opening: {
  readonly setup: WorkerSetup;
  readonly own: WorkerArrays;
  readonly kernels: Kernels;
  readonly session: Session | undefined;
}): Promise<GradientSource> {
  const { setup, own, kernels, session } = opening;
  const { layout, options, program, rank, copy, lengths, rowWeights, givenAs } = setup;
  const { upd, hyperparams, seed } = options;
  if ("module" in upd) return userGradients({ upd: await loadUserFunction(upd), layout, hyperparams, givenAs, rank });
  if (program === undefined || session === undefined) throw internalError("built-in gradients need a program");
  return engineGradients({ session, program, kernels, scratch: own.mask, lengths, rowWeights, seed, copy });
}

/** Adds the gradients of a push's batches; the state that it carries is that after the last. */
function collector(
  { trained }: VariableBuffer,
  { pushed: sum, local }: WorkerArrays,
  kernels: Kernels,
): (pushed: Float32Array, anew: boolean) => void {
  return (pushed, anew) => {
    if (anew) {
      sum.set(pushed);
      return;
    }
    if (local === undefined) throw internalError("this run has no memory for pushes of several batches");
    local.gradients.set(pushed.subarray(0, trained));
    kernels.accumulate(sum.subarray(0, trained), local.gradients, 1);
    sum.set(pushed.subarray(trained), trained);
  };
}
