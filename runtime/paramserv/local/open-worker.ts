import type { Session } from "../../engines/engine.js";
import { openEngine } from "../../engines/index.js";
import { internalError } from "../../errors.js";
import { wasmKernels } from "../../kernels/wasm.js";
import type { UpdatePlan } from "../../optimizers/plan.js";
import { makeOptimizer } from "../../optimizers/table.js";
import { diverged } from "../diverged.js";
import { Copying } from "../shards/copying.js";
import { readCaptured } from "../shards/flat.js";
import { Journal } from "../shards/journal.js";
import { viewShards } from "../shards/memory.js";
import { stepPlan } from "../shards/step-plan.js";
import { type ShardAtWork, Updating } from "../shards/updating.js";
import { UserUpdate } from "../shards/user-update.js";
import { loadUserFunction } from "../user-function.js";
import { BatchReader } from "../worker/batch-reader.js";
import { EngineGate, gatedSession } from "../worker/engine-gate.js";
import { engineEvaluator, engineGradients } from "../worker/engine-gradients.js";
import { batchwise, type Evaluation } from "../worker/evaluation.js";
import type { GradientSource } from "../worker/gradient-source.js";
import { Learner } from "../worker/learner.js";
import { SharedParameters } from "../worker/shared-parameters.js";
import { Stopwatch } from "../worker/stopwatch.js";
import { userEvaluation } from "../worker/user-evaluation.js";
import { userGradients } from "../worker/user-gradients.js";
import type { Report, WorkerSetup } from "./messages.js";
import { TrainingWorker, workerName } from "./worker.js";

export interface OpenWorker {
  readonly worker: TrainingWorker;
  close(): Promise<void>;
}

/** Loads what a worker needs: user functions, the engine where a program is given, kernels and its view of the memory. */
export async function openWorker(setup: WorkerSetup, send: (report: Report) => void): Promise<OpenWorker> {
  const { options, program, threads, layout } = setup;
  const shards = shardsOf(setup);
  const gate = new EngineGate(setup.gates, setup.actor.worker);
  const plan = stepPlan(setup);
  const updating = await openUpdating(setup, shards, plan);
  const open = program && (() => openEngine(options.engine, program, { threads }));
  const session = open && gatedSession(await gate.run(open), gate);
  const stopwatch = new Stopwatch();
  const isModel = options.modelAvg;
  const parameters = new SharedParameters({
    layout,
    shards,
    chunks: setup.model.plan.chunks,
    plan,
    user: updating instanceof UserUpdate ? updating : undefined,
    models: isModel,
    checkFinite: options.nonfinite !== "stop",
    ...(options.utype === "HOGWILD" &&
      updating instanceof Updating && { alone: { updating, partials: new Float64Array(setup.partials.length) } }),
    updates: setup.updates,
    partials: new Float64Array(setup.partials.length),
  });
  const largest = Math.max(...setup.assignments.map(({ plan }) => Math.min(plan.batchsize, plan.rows)));
  const batches = new BatchReader(setup.training, largest, options.prefetch);
  const learner = new Learner({
    worker: workerName(setup),
    assignments: setup.assignments,
    layout,
    reshuffle: options.reshuffle,
    seed: options.seed,
    source: await openSource(setup, shards, session),
    epochs: options.epochs,
    batches,
    parameters,
    stopwatch,
    models: isModel,
    nonFinite: options.nonfinite,
  });
  const evaluation = await openEvaluation(setup, shards, session);
  const copying = new Copying(shards.map(({ shard }) => shard));
  const worker = new TrainingWorker({ setup, learner, updating, copying, evaluation, gate, stopwatch, send });
  return {
    worker,
    async close() {
      await batches.close();
      await evaluation?.close();
      await session?.close();
    },
  };
}

function shardsOf({ kernels: module, model, options }: WorkerSetup): readonly ShardAtWork[] {
  return viewShards(model).map((shard, index) => {
    const memory = model.memories[index];
    if (memory === undefined) throw internalError(`there is no memory for shard ${index}`);
    const kernels = wasmKernels(module, memory);
    const { agg } = options;
    return { shard, kernels, optimizer: "module" in agg ? undefined : makeOptimizer(agg, kernels) };
  });
}

async function openUpdating(
  setup: WorkerSetup,
  shards: readonly ShardAtWork[],
  plan: UpdatePlan | undefined,
): Promise<Updating | UserUpdate> {
  const { options, layout, partials, model } = setup;
  const { agg, hyperparams, modelAvg: models } = options;
  const journal = new Journal(setup.journal);
  if ("module" in agg) {
    const loaded = await loadUserFunction(agg);
    return new UserUpdate({ agg: loaded, layout, hyperparams, shards, journal, models, worker: workerName(setup) });
  }
  const { chunks } = model.plan;
  if (plan === undefined) throw internalError("an optimizer's updates are planned");
  return new Updating({ shards, chunks, plan, journal, partials, models, diverged: weightsDiverged });
}

/** Losses tell that a run has diverged before the next batch is learned from; after the last only the weights can. */
function weightsDiverged(): never {
  throw diverged("a weight is not a finite number after an update");
}

async function openSource(
  setup: WorkerSetup,
  shards: readonly ShardAtWork[],
  session: Session | undefined,
): Promise<GradientSource> {
  const { layout, options, program, lengths, rowWeights, givenAs, actor } = setup;
  const { upd, hyperparams, seed, nonfinite } = options;
  if ("module" in upd) {
    const loaded = await loadUserFunction(upd);
    const [worker, mayOverflow] = [workerName(setup), nonfinite !== "stop"];
    return userGradients({ upd: loaded, layout, hyperparams, givenAs, worker, mayOverflow });
  }
  const [first] = shards;
  const scratch = first?.shard.masks[actor.worker];
  if (program === undefined || session === undefined || first === undefined || scratch === undefined) {
    throw internalError("built-in gradients need a program");
  }
  return engineGradients({ session, program, kernels: first.kernels, scratch, lengths, rowWeights, seed });
}

async function openEvaluation(
  setup: WorkerSetup,
  shards: readonly ShardAtWork[],
  session: Session | undefined,
): Promise<Evaluation | undefined> {
  const { validation, validationRows: rows, options, program, layout, givenAs } = setup;
  if (validation === undefined) return undefined;
  const readWeights = (into: Float32Array): void =>
    readCaptured(
      shards.map(({ shard }) => shard),
      into,
    );
  const { val, batchsize, hyperparams } = options;
  if (val !== undefined) {
    const loaded = await loadUserFunction(val);
    const batches = new BatchReader(validation, rows, 0);
    return userEvaluation({ val: loaded, layout, hyperparams, givenAs, batches, rows, readWeights });
  }
  if (program === undefined || session === undefined) return undefined;
  const batches = new BatchReader(validation, batchsize, 0);
  return batchwise({ evaluator: engineEvaluator(session, program), batches, rows, batchsize, readWeights });
}
