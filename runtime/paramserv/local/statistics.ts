import type { Counts } from "../recorder.js";
import type { Statistics } from "../types.js";
import type { Seconds } from "./messages.js";
import { addSeconds } from "./stopwatch.js";

interface Figures {
  readonly counts: Counts;
  /** One a worker. */
  readonly seconds: readonly Seconds[];
  readonly workers: number;
  /** Seconds: the call, the first weights given out (if any were), the end. */
  readonly startedAt: number;
  readonly beganAt: number | undefined;
  readonly endedAt: number;
}

/** The closing figures of a run. */
export function statisticsOf({ counts, seconds, workers, startedAt, beganAt, endedAt }: Figures): Statistics {
  const { updates, pushes, samples, staleness, trainingSeconds } = counts;
  const spent = addSeconds(seconds);
  return {
    seconds: endedAt - startedAt,
    setup_seconds: (beganAt ?? endedAt) - startedAt,
    workers,
    updates,
    pushes,
    samples,
    samples_per_second: trainingSeconds > 0 ? samples / trainingSeconds : 0,
    gradient_seconds: spent.gradient,
    update_seconds: spent.update,
    pull_seconds: spent.pull,
    batch_seconds: spent.batch,
    wait_seconds: spent.wait,
    validation_seconds: spent.validation,
    mean_staleness: pushes > 0 ? staleness.sum / pushes : 0,
    max_staleness: staleness.max,
  };
}
