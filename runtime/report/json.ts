import type { EpochRecord, ParamservResult } from "../paramserv/types.js";

/** A finite number, or null: JSON has no NaN, and a loss that ran away must not look like a missing one. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function defined(values: Readonly<Record<string, number | undefined>>): Readonly<Record<string, number | null>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, finite(value)]])),
  );
}

/** One epoch as `--json` prints it; numbers that are not finite are null. */
export function epochEvent(record: EpochRecord & { readonly event?: unknown }): Readonly<Record<string, unknown>> {
  const { event: _, epoch, loss, val_loss, val_accuracy, samples_per_second, seconds, ...metrics } = record;
  return {
    event: "epoch",
    epoch,
    ...defined({ loss, val_loss, val_accuracy, samples_per_second, seconds, ...metrics }),
  };
}

/** The end of a run as `--json` prints it: the last epoch's figures, the whole run's rate and time, and the files. */
export function resultEvent(result: ParamservResult, files: readonly string[]): Readonly<Record<string, unknown>> {
  const { status, epochs, statistics } = result;
  const { epoch = 0, seconds: _seconds, samples_per_second: _rate, ...last } = epochs.at(-1) ?? {};
  return {
    event: "result",
    status,
    epochs: epoch,
    ...defined({ ...last, samples_per_second: statistics.samples_per_second, seconds: statistics.seconds }),
    files,
  };
}
