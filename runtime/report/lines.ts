import type { EpochRecord, Means, ProgressRecord, StartEvent } from "../paramserv/types.js";
import {
  formatCount,
  formatLearningRate,
  formatMetricName,
  formatNumberOf,
  formatRate,
  formatScalar,
  formatSeconds,
} from "./format.js";

/** Means by name, the total loss before the others. */
export function scalarsOf(means: Means = {}): readonly (readonly [name: string, value: number])[] {
  const { loss, ...others } = means;
  return Object.entries(loss === undefined ? others : { loss, ...others });
}

/** `top 5 0.9123`. */
function listed(means: Means | undefined): readonly string[] {
  return scalarsOf(means).map(([name, value]) => `${formatMetricName(name)} ${formatScalar(value)}`);
}

/** `epoch  3/10`: numbers of one run stand under each other. */
function epochNumber(epoch: number, epochs: number | undefined): string {
  if (epochs === undefined) return `epoch ${epoch}`;
  return `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`;
}

/** The line of one loss and one metric, with validation, is not broken; longer ones are, at 80 columns. */
const longestLine = 90;
const columnsOfText = 80;

export interface EpochLineOptions {
  /** Epochs of the run, where they are known. */
  readonly epochs?: number | undefined;
  /** The learning rate that was told last; another one is told. */
  readonly learningRate?: number | undefined;
}

/**
 * The permanent line of an epoch: `epoch  1/10  loss 1.2034  val loss 0.4321  val accuracy 0.9123  1,180 samples/s  1.2 s`,
 * with the learning rate before the speed where it has changed: `lr 0.00975`. Where a network has many scalars, those of
 * the validation stand below those of the training:
 *
 *     epoch  1/10  loss 1.2034  class 1.0021  offset 0.4026  accuracy 0.8012
 *             val  loss 0.4321  class 0.3010  offset 0.2622  accuracy 0.9123
 *                  1,180 samples/s  1.2 s
 */
export function epochLine(record: EpochRecord, { epochs, learningRate }: EpochLineOptions = {}): string {
  const head = epochNumber(record.epoch, epochs);
  const [training, validation] = [listed(record.train), listed(record.validation)];
  const rate = changedRate(record.learning_rate, learningRate);
  const speed = `${formatRate(record.samples_per_second)}  ${formatSeconds(record.seconds)}`;
  const scalars = [head, ...training, ...validation.map((scalar) => `val ${scalar}`)];
  // The rate comes and goes: it does not decide on the form.
  if ([...scalars, speed].join("  ").length <= longestLine) return [...scalars, ...rate, speed].join("  ");
  const end = [...rate, speed].join("  ");
  const lines = [
    ...filled(head, training),
    ...(validation.length === 0 ? [] : filled("val".padStart(head.length), validation)),
  ];
  const last = `${lines.at(-1)}  ${end}`;
  const tail = last.length <= columnsOfText ? [last] : [lines.at(-1), `${" ".repeat(head.length)}  ${end}`];
  return [...lines.slice(0, -1), ...tail].join("\n");
}

/** `lr 0.00975`, where it reads other than the one before. */
function changedRate(rate: number | undefined, before: number | undefined): readonly string[] {
  if (rate === undefined || before === undefined) return [];
  const text = formatLearningRate(rate);
  return text === formatLearningRate(before) ? [] : [`lr ${text}`];
}

/** Parts behind a head, as many a line as fit. */
function filled(head: string, parts: readonly string[]): readonly string[] {
  const lines = [head];
  for (const part of parts) {
    const line = `${lines.at(-1)}  ${part}`;
    if (line.length <= columnsOfText || lines.at(-1) === head) lines[lines.length - 1] = line;
    else lines.push(`${" ".repeat(head.length)}  ${part}`);
  }
  return lines;
}

/** What is about to be trained. */
export function startLine(start: StartEvent): string {
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
export function progressLine(event: ProgressRecord, epochs: number | undefined, columns: number): string {
  const share = event.total_samples > 0 ? event.samples / event.total_samples : 0;
  const epoch = epochNumber(event.epoch, epochs);
  const percent = `${String(Math.floor(Math.min(1, share) * 100)).padStart(3)} %`;
  const loss = `loss ${formatScalar(event.train.loss)}`;
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
