import { reference } from "../../kernels/reference.js";
import { makeOptimizer } from "../../optimizers/table.js";
import { countElements } from "../../shape.js";
import type { Job } from "../job.js";
import { pushesAnEpoch, rowsAnEpoch } from "../protocol/plan.js";
import { strategies } from "../protocol/strategies.js";
import type { ProtocolConfig } from "../protocol/types.js";
import { lossesOf, userLosses } from "../scalars.js";
import type { RunFold } from "../statistics/fold.js";
import { Recorder } from "../statistics/recorder.js";
import type { TrainingEvent } from "../types.js";

interface Recording {
  readonly job: Job;
  readonly config: ProtocolConfig;
  /** Seconds, from any origin. */
  readonly startedAt: number;
  now(): number;
  emit(event: TrainingEvent): void;
  /** Where the run goes on from. */
  readonly earlier?: RunFold | undefined;
}

/** Who keeps the books of a run. */
export function makeRecorder({ job, config, startedAt, now, emit, earlier }: Recording): Recorder {
  const { options, program } = job;
  const rateAt = learningRateOf(job);
  const losses = program === undefined ? userLosses : lossesOf(program);
  return new Recorder(
    {
      epochRows: rowsAnEpoch(config.plans),
      epochs: options.epochs,
      workers: config.plans.length,
      overlapsValidation: strategies[config.strategy].overlapsValidation,
      losses: "module" in options.upd ? userLosses : losses,
      validationLosses: options.val === undefined ? losses : userLosses,
      ...(rateAt && { rateAt }),
      startedAt,
      now,
      emit,
    },
    earlier,
  );
}

/** What is about to be trained. */
export function startEvent(job: Job, { plans }: ProtocolConfig): TrainingEvent {
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

/** The learning rate by iteration; a user function has none that anybody knows. */
export function learningRateOf({ options: { agg } }: Job): ((iteration: number) => number) | undefined {
  if ("module" in agg) return undefined;
  const optimizer = makeOptimizer(agg, reference);
  return (iteration) => optimizer.rate(iteration);
}
