import type { EpochRecord, TrainingEvent } from "../paramserv/types.js";
import { formatCount, formatMetricName, formatNumberOf, formatRate, formatScalar, formatSeconds } from "./format.js";

type Progress = TrainingEvent & { readonly event: "progress" };
type Start = TrainingEvent & { readonly event: "start" };

/** Fields of an epoch that are no scalars of the network. */
const apart = ["event", "epoch", "samples_per_second", "seconds"];

/** What an epoch says of the network, by name: first of training, then of validation; loss before metrics. */
export function epochScalars(record: Partial<EpochRecord>): readonly (readonly [name: string, value: number])[] {
  const rank = (name: string) => (name.startsWith("val_") ? 2 : 0) + (name.endsWith("loss") ? 0 : 1);
  return Object.entries(record)
    .flatMap(([name, value]) => (value === undefined || apart.includes(name) ? [] : [[name, value] as const]))
    .sort(([a], [b]) => rank(a) - rank(b));
}

/** `epoch  3/10`: numbers of one run stand under each other. */
function epochNumber(epoch: number, epochs: number | undefined): string {
  if (epochs === undefined) return `epoch ${epoch}`;
  return `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`;
}

/** The permanent line of an epoch: `epoch  1/10  loss 1.2034  val loss 0.4321  val accuracy 0.9123  1,180 samples/s  1.2 s`. */
export function epochLine(record: EpochRecord, epochs: number | undefined): string {
  return [
    epochNumber(record.epoch, epochs),
    ...epochScalars(record).map(([name, value]) => `${formatMetricName(name)} ${formatScalar(value)}`),
    formatRate(record.samples_per_second),
    formatSeconds(record.seconds),
  ].join("  ");
}

/** What is about to be trained. */
export function startLine(start: Start): string {
  const validation = start.validation_rows > 0 ? `, ${formatCount(start.validation_rows)} more to validate` : "";
  const workers = `${formatNumberOf(start.k, "worker")}, batches of ${formatCount(start.batchsize)}`;
  return `training ${formatNumberOf(start.parameters, "parameter")} on ${formatNumberOf(start.rows, "row")}${validation}: ${workers}`;
}

const longestBar = 30;
const shortestBar = 8;

function bar(share: number, length: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * length);
  return `[${"█".repeat(full)}${"░".repeat(length - full)}]`;
}

/**
 * The rewriting line, at most `columns` wide: epoch, bar, share of the run, loss, rate, time left. What does not fit is
 * left out: first the bar, then the rate, the loss, the time left.
 */
export function progressLine(event: Progress, epochs: number | undefined, columns: number): string {
  const share = event.total_samples > 0 ? event.samples / event.total_samples : 0;
  const epoch = epochNumber(event.epoch, epochs);
  const percent = `${String(Math.floor(Math.min(1, share) * 100)).padStart(3)} %`;
  const loss = `loss ${formatScalar(event.loss)}`;
  const left = `${formatSeconds(event.seconds_left)} left`;
  const rate = formatRate(event.samples_per_second);
  const whole = [epoch, percent, loss, rate, left].join("  ");
  const room = columns - whole.length - 4;
  if (room >= shortestBar) return [epoch, bar(share, Math.min(room, longestBar)), percent, loss, rate, left].join("  ");
  const shorter = [
    [epoch, percent, loss, rate, left],
    [epoch, percent, loss, left],
    [epoch, percent, left],
    [epoch, percent],
  ].map((parts) => parts.join("  "));
  return shorter.find((line) => line.length <= columns) ?? epoch.slice(0, columns);
}
