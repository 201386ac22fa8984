import { availableParallelism } from "node:os";
import { inSharedMemory } from "../../data/shared.js";
import type { Dataset } from "../../data/types.js";
import { reference } from "../../kernels/reference.js";
import { compileKernels } from "../../kernels/wasm.js";
import { makeOptimizer } from "../../optimizers/table.js";
import { countElements } from "../../shape.js";
import type { Job } from "../job.js";
import { copiesByName } from "../model-layout.js";
import { batchesAnEpoch, pushesAnEpoch, rowsAnEpoch } from "../protocol/plan.js";
import { strategies } from "../protocol/strategies.js";
import type { ProtocolConfig } from "../protocol/types.js";
import { Recorder } from "../recorder.js";
import type { ParamservResult, TrainingEvent } from "../types.js";
import { type Assignment, assignRows } from "./assign.js";
import { EngineGate } from "./engine-gate.js";
import { longestMask } from "./engine-gradients.js";
import type { WorkerSetup } from "./messages.js";
import { type Ending, LocalServer } from "./server.js";
import { allocate, type MemoryPlan, viewArrays } from "./shared-arrays.js";
import { statisticsOf } from "./statistics.js";
import { type ThreadEvents, WorkerThread } from "./worker-thread.js";

/** Milliseconds that workers get to end by themselves, by how the run ended. A worker in a step ends after it. */
const grace = { completed: 5000, aborted: 1000, failed: 250 } as const;
/** Milliseconds that an optimizer's update, which never hangs, gets to end when the run is stopped. */
const updateGrace = 10_000;

const now = (): number => performance.now() / 1000;

/** Trains on worker threads of this process over shared memory. */
export async function runLocally(job: Job): Promise<ParamservResult> {
  const startedAt = now();
  const assignments = assignRows(job.options, job.training.features.shape[0] ?? 0);
  const config = configOf(job, assignments);
  const memoryPlan = planMemory(job, assignments);
  const memory = allocate(memoryPlan);
  const { weights } = viewArrays(memory, memoryPlan);
  job.writeWeights(weights);

  const threads: WorkerThread[] = [];
  const recorder = makeRecorder(job, config, (event) => emit(event));
  const server = new LocalServer({ config, recorder, send: (rank, order) => threads[rank]?.send(order) });
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
  const start = (): void => {
    for (const setup of setupsOf({ job, assignments, memory, memoryPlan }))
      threads.push(new WorkerThread(setup, events));
  };
  const status = await supervise({ job, server, threads, start });
  const counts = recorder.end();
  const times = { startedAt, beganAt: recorder.beganAt, endedAt: now() };
  const statistics = statisticsOf({ counts, seconds: server.seconds, workers: assignments.length, ...times });
  return { status, model: copiesByName(job.layout, weights), epochs: counts.epochs, statistics };
}

function makeRecorder({ options }: Job, config: ProtocolConfig, emit: (event: TrainingEvent) => void): Recorder {
  const { overlapsValidation } = strategies[config.strategy];
  return new Recorder({ epochRows: rowsAnEpoch(config.plans), epochs: options.epochs, overlapsValidation, now, emit });
}

interface Supervision {
  readonly job: Job;
  readonly server: LocalServer;
  /** Filled by `start`. */
  readonly threads: readonly WorkerThread[];
  start(): void;
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
    if (signal?.aborted) stop();
    else start();
    signal?.addEventListener("abort", stop, { once: true });
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

function planMemory({ options, layout, program, validation }: Job, assignments: readonly Assignment[]): MemoryPlan {
  const { agg } = options;
  return {
    size: layout.size,
    workers: assignments.length,
    slots: "module" in agg ? 0 : makeOptimizer(agg, reference).slots.length,
    snapshot: validation !== undefined,
    localSteps: assignments.some(({ plan }) => batchesAnEpoch(plan) > pushesAnEpoch(plan)),
    mask: longestMask(program),
  };
}

function* setupsOf(parts: {
  readonly job: Job;
  readonly assignments: readonly Assignment[];
  readonly memory: WorkerSetup["memory"];
  readonly memoryPlan: MemoryPlan;
}): Generator<WorkerSetup> {
  const { job, assignments, memory, memoryPlan } = parts;
  const { upd, agg, hyperparams, epochs, batchsize, reshuffle, seed, engine } = job.options;
  const common = {
    kernels: compileKernels(),
    memory,
    memoryPlan,
    gates: EngineGate.words(assignments.length),
    layout: job.layout,
    program: job.program,
    threads: job.options.threads ?? Math.max(1, Math.floor(availableParallelism() / assignments.length)),
    training: shareDataset(job.training),
    validation: job.validation && shareDataset(job.validation),
    options: { upd, agg, hyperparams, epochs, batchsize, reshuffle, seed, engine },
  };
  for (const [rank, assignment] of assignments.entries()) yield { ...common, ...assignment, rank };
}

function startEvent({ options, layout, training, validation }: Job, { plans }: ProtocolConfig): TrainingEvent {
  const { epochs, batchsize } = options;
  return {
    event: "start",
    parameters: countElements(layout.parameters),
    rows: training.features.shape[0] ?? 0,
    validation_rows: validation?.features.shape[0] ?? 0,
    k: plans.length,
    epochs,
    batchsize,
    pushes: epochs * plans.reduce((sum, plan) => sum + pushesAnEpoch(plan), 0),
  };
}

function shareDataset({ features, labels }: Dataset): Dataset {
  return { features: inSharedMemory(features), labels: inSharedMemory(labels) };
}
