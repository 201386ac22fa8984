import type { Statistics, WorkerStatistics } from "../paramserv/statistics/types.js";
import { formatBytes, formatCount, formatNumberOf, formatSeconds } from "./format.js";

/** Workers that have a row each; of more the least, median and most of each column are told. */
const mostRows = 8;

type Column = readonly [title: string, of: (worker: WorkerStatistics) => number];

const columns: readonly Column[] = [
  ["load", ({ load_seconds }) => load_seconds],
  ["pull", ({ pull_seconds }) => pull_seconds],
  ["compute", ({ compute_seconds }) => compute_seconds],
  ["push", ({ push_seconds }) => push_seconds],
  ["update", ({ update_seconds }) => update_seconds],
  ["wait", ({ wait_seconds }) => wait_seconds],
  ["valid.", ({ validation_seconds }) => validation_seconds],
];

/** Name and value of what is counted. */
type Row = readonly [name: string, value: string];

const width = 8;

/** Seven characters at most up to 9,999,999 seconds. */
function shortSeconds(seconds: number): string {
  return seconds < 9999.995 ? seconds.toFixed(2) : seconds.toFixed(0);
}

function line(name: string, times: readonly string[], rate: string): string {
  return `  ${name.padEnd(width)}${times.map((time) => time.padStart(width)).join("")}${rate.padStart(11)}`.trimEnd();
}

function workerLine(name: string, worker: WorkerStatistics): string {
  const times = columns.map(([, of]) => shortSeconds(of(worker)));
  return line(name, times, formatCount(worker.samples_per_second));
}

/** The value a share of the way up from the least, each column by itself. */
function quantileLine(name: string, workers: readonly WorkerStatistics[], share: number): string {
  const value = (of: (worker: WorkerStatistics) => number): number => {
    const sorted = workers.map(of).sort((a, b) => a - b);
    return sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  };
  const times = columns.map(([, of]) => shortSeconds(value(of)));
  return line(name, times, formatCount(value(({ samples_per_second }) => samples_per_second)));
}

function workerLines(workers: readonly WorkerStatistics[]): readonly string[] {
  if (workers.length <= mostRows) return workers.map((worker) => workerLine(`${worker.worker}`, worker));
  return [quantileLine("least", workers, 0), quantileLine("median", workers, 0.5), quantileLine("most", workers, 1)];
}

function shareLine(workers: readonly WorkerStatistics[]): string {
  const sums = columns.map(([, of]) => workers.reduce((sum, worker) => sum + of(worker), 0));
  const all = sums.reduce((sum, one) => sum + one, 0);
  return line(
    "share",
    sums.map((sum) => `${((100 * sum) / Math.max(all, Number.MIN_VALUE)).toFixed(1)} %`),
    "",
  );
}

function countRows(statistics: Statistics): readonly Row[] {
  const { dropped_pushes: dropped, dropped_samples, skipped_batches: skipped, lost_workers: lost } = statistics;
  const { checkpoints, checkpoint_seconds, bytes_pulled, bytes_pushed } = statistics;
  const sometimes: readonly (Row | undefined)[] = [
    dropped > 0
      ? ["dropped", `${formatNumberOf(dropped, "push", "pushes")} of ${formatNumberOf(dropped_samples, "row")}`]
      : undefined,
    skipped > 0
      ? ["skipped", `${formatNumberOf(skipped, "batch", "batches")} with numbers that were not finite`]
      : undefined,
    lost > 0 ? ["lost", formatNumberOf(lost, "worker")] : undefined,
    checkpoints > 0
      ? ["saved", `${formatNumberOf(checkpoints, "checkpoint")} in ${formatSeconds(checkpoint_seconds)}`]
      : undefined,
  ];
  return [
    ["updates", formatCount(statistics.updates)],
    ["pushes", formatCount(statistics.pushes)],
    ["samples", formatCount(statistics.samples)],
    ["staleness", `${statistics.mean_staleness.toFixed(2)} mean, ${formatCount(statistics.max_staleness)} most`],
    ["copied", `${formatBytes(bytes_pulled)} pulled, ${formatBytes(bytes_pushed)} pushed`],
    ...sometimes.filter((row) => row !== undefined),
    ["set-up", formatSeconds(statistics.setup_seconds)],
  ];
}

/**
 * Where the time of each worker went, and what came of it; at most 80 columns. Of more than eight workers the least,
 * median and most of each column.
 */
export function formatStatistics(statistics: Statistics): string {
  const { by_worker: workers } = statistics;
  const about = `Seconds of ${formatNumberOf(statistics.workers, "worker")} in ${formatSeconds(statistics.seconds)}:`;
  const head = line(
    "worker",
    columns.map(([title]) => title),
    "samples/s",
  );
  const counts = countRows(statistics).map(([name, value]) => `  ${name.padEnd(9)}  ${value}`);
  return [about, head, ...workerLines(workers), shareLine(workers), "Counts:", ...counts].join("\n");
}
