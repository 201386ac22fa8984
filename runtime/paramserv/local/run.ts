import { RunError } from "../../errors.js";
import { reference } from "../../kernels/reference.js";
import { makeOptimizer } from "../../optimizers/table.js";
import { countElements } from "../../shape.js";
import type { Job } from "../job.js";
import { copiesByName } from "../model-layout.js";
import { batchesAnEpoch, pushesAnEpoch, rowsAnEpoch } from "../protocol/plan.js";
import { strategies } from "../protocol/strategies.js";
import type { ProtocolConfig } from "../protocol/types.js";
import { Recorder } from "../recorder.js";
import { runRecord } from "../run-record.js";
import { lossesOf, userLosses } from "../scalars.js";
import type { ParamservResult, TrainingEvent } from "../types.js";
import { type Assignment, assignRows } from "./assign.js";
import { keptWeights } from "./kept-weights.js";
import { longestMask } from "./masks.js";
import type { RowWeights } from "./row-weights.js";
import { type Ending, LocalServer } from "./server.js";
import { setupsOf } from "./setups.js";
import { allocate, type MemoryPlan, viewArrays } from "./shared-arrays.js";
import { statisticsOf } from "./statistics.js";
import { BspTotals } from "./update-totals.js";
import { weighRows } from "./weigh-rows.js";
import { type ThreadEvents, WorkerThread } from "./worker-thread.js";

/** Milliseconds that workers get to end by themselves, by how the run ended. A worker in a step ends after it. */
const grace = { completed: 5000, aborted: 1000, failed: 250 } as const;
/** Milliseconds that an optimizer's update, which never hangs, gets to end when the run is stopped. */
const updateGrace = 10_000;

const now = (): number => performance.now() / 1000;

/** Trains on worker threads of this process over shared memory. */
export async function runLocally(job: Job): Promise<ParamservResult> {
  const startedAt = now();
  const assignments = assignRows(job.options, job.training.rows);
  const config = configOf(job, assignments);
  const memoryPlan = planMemory(job, assignments);
  const memory = allocate(memoryPlan);
  const { weights, snapshot } = viewArrays(memory, memoryPlan);
  job.writeWeights(weights);
  // What is frozen is copied once; updates copy the rest.
  snapshot?.set(weights);

  const threads: WorkerThread[] = [];
  let totals: BspTotals | undefined;
  const recorder = makeRecorder(job, config, (event) => emit(event));
  const server = new LocalServer({
    config,
    recorder,
    totals: (rank, clock) => totals?.of(rank, clock),
    send: (rank, order) => threads[rank]?.send(order),
  });
  const emit = (event: TrainingEvent): void => {
    try {
      job.options.onEvent?.(event);
    } catch (error) {
      server.abandon(error);
    }
  };
  emit(startEvent(job, config));
  const events: ThreadEvents = {
    report: (rank, report) => server.report(rank, report),
    lost: (rank, problems) => server.lost(rank, problems),
  };
  const start = async (): Promise<void> => {
    const rowWeights = await weighRows(job);
    if (job.options.signal?.aborted) return;
    totals = totalsOf(job, assignments, rowWeights);
    for (const setup of setupsOf({ job, assignments, memory, memoryPlan, rowWeights }))
      threads.push(new WorkerThread(setup, events));
  };
  const status = await supervise({ job, server, threads, start });
  if (status === "completed" && job.program !== undefined) requireFinite(weights);
  const counts = recorder.end();
  const times = { startedAt, beganAt: recorder.beganAt, endedAt: now() };
  const statistics = statisticsOf({ counts, seconds: server.seconds, workers: assignments.length, ...times });
  const kept = await keptWeights({ job, config, counts, status, weights });
  const run = runRecord(job, assignments.length, kept);
  return { status, model: copiesByName(job.layout, weights), epochs: counts.epochs, statistics, run };
}

/** Losses tell that a run has diverged before the next batch is learned from; after the last only the weights can. */
function requireFinite(weights: Float32Array): void {
  if (weights.every(Number.isFinite)) return;
  throw new RunError({
    code: "TRAINING_DIVERGED",
    message: "a weight is not a finite number after the last update",
    hint: "lower the learning rate, and look for values in the data that are far out or not finite",
  });
}

function makeRecorder(job: Job, config: ProtocolConfig, emit: (event: TrainingEvent) => void): Recorder {
  const { options, program } = job;
  const { overlapsValidation } = strategies[config.strategy];
  const rateAt = learningRateOf(job);
  const losses = program === undefined ? userLosses : lossesOf(program);
  return new Recorder({
    epochRows: rowsAnEpoch(config.plans),
    epochs: options.epochs,
    overlapsValidation,
    losses: "module" in options.upd ? userLosses : losses,
    validationLosses: losses,
    ...(rateAt && { rateAt }),
    now,
    emit,
  });
}

/** The learning rate by iteration; a user function has none that anybody knows. */
function learningRateOf({ options: { agg } }: Job): ((iteration: number) => number) | undefined {
  if ("module" in agg) return undefined;
  const optimizer = makeOptimizer(agg, reference);
  return (iteration) => optimizer.rate(iteration);
}

/**
 * What pushes have to know of each other: where rows weigh different in a loss and an update is the mean of several
 * batches. Elsewhere each batch is a mean of its own: with pushes of several batches, and in sums, as the ancestor's.
 */
function totalsOf({ options }: Job, assignments: readonly Assignment[], weights: RowWeights): BspTotals | undefined {
  const { utype, freq, aggregation } = options;
  const isJoint = utype === "BSP" && freq === "BATCH" && aggregation === "mean";
  return isJoint && Object.keys(weights).length > 0 ? new BspTotals({ assignments, options, weights }) : undefined;
}

interface Supervision {
  readonly job: Job;
  readonly server: LocalServer;
  /** Filled by `start`. */
  readonly threads: readonly WorkerThread[];
  /** Starts no thread where the run has been aborted. */
  start(): Promise<void>;
}

/** Runs to the end, whatever it is, and leaves no thread behind. */
async function supervise({ job, server, threads, start }: Supervision): Promise<Ending> {
  const { signal, agg } = job.options;
  let timer: NodeJS.Timeout | undefined;
  let giveUp: (ending: Ending) => void = () => {};
  const givenUp = new Promise<Ending>((resolve) => {
    giveUp = resolve;
  });
  const stop = (): void => {
    server.stop();
    // A user function may never return: then its update is not made.
    timer = setTimeout(() => giveUp("aborted"), "module" in agg ? grace.aborted : updateGrace);
  };
  let ending: Ending | "failed" = "failed";
  try {
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    else await start();
    ending = await Promise.race([server.ended, givenUp]);
    return ending;
  } finally {
    signal?.removeEventListener("abort", stop);
    clearTimeout(timer);
    const wait = grace[ending];
    await Promise.all(threads.map((thread) => thread.end(wait)));
  }
}

function configOf({ options, validation }: Job, assignments: readonly Assignment[]): ProtocolConfig {
  return {
    strategy: options.utype,
    aggregation: options.aggregation,
    epochs: options.epochs,
    plans: assignments.map(({ plan }) => plan),
    validate: validation !== undefined,
    // A user function gets the whole model.
    splitUpdates: !("module" in options.agg),
  };
}

function planMemory({ options, layout, ...job }: Job, assignments: readonly Assignment[]): MemoryPlan {
  const { agg } = options;
  const { trained, pushed, size } = layout;
  return {
    trained,
    pushed,
    size,
    workers: assignments.length,
    slots: "module" in agg ? 0 : makeOptimizer(agg, reference).slots.length,
    snapshot: job.validation !== undefined,
    localSteps: assignments.some(({ plan }) => batchesAnEpoch(plan) > pushesAnEpoch(plan)),
    mask: longestMask(job.program, job.training.lengths),
  };
}

function startEvent(job: Job, { plans }: ProtocolConfig): TrainingEvent {
  const { options, layout, training, validation } = job;
  const { epochs, batchsize } = options;
  const rateAt = learningRateOf(job);
  return {
    event: "start",
    parameters: countElements(layout.variables.filter(({ role }) => role !== "state")),
    rows: training.rows,
    validation_rows: validation?.rows ?? 0,
    k: plans.length,
    epochs,
    batchsize,
    pushes: epochs * plans.reduce((sum, plan) => sum + pushesAnEpoch(plan), 0),
    ...(rateAt && { learning_rate: rateAt(0) }),
  };
}
