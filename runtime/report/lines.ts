import type { EpochRecord, TrainingEvent } from "../paramserv/types.js";
import { formatCount, formatMetricName, formatNumberOf, formatRate, formatScalar, formatSeconds } from "./format.js";

type Progress = TrainingEvent & { readonly event: "progress" };
type Start = TrainingEvent & { readonly event: "start" };

/** Fields of an epoch that are no scalars of the network. */
const apart = ["event", "epoch", "samples_per_second", "seconds"];

const validationPrefix = /^val_/;
const isValidation = (name: string): boolean => validationPrefix.test(name);

/** What an epoch says of the network, by name: first of training, then of validation; the total loss before the others. */
export function epochScalars(record: Partial<EpochRecord>): readonly (readonly [name: string, value: number])[] {
  const rank = (name: string) => (isValidation(name) ? 2 : 0) + (name.replace(validationPrefix, "") === "loss" ? 0 : 1);
  return Object.entries(record)
    .flatMap(([name, value]) => (value === undefined || apart.includes(name) ? [] : [[name, value] as const]))
    .sort(([a], [b]) => rank(a) - rank(b));
}

/** `epoch  3/10`: numbers of one run stand under each other. */
function epochNumber(epoch: number, epochs: number | undefined): string {
  if (epochs === undefined) return `epoch ${epoch}`;
  return `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`;
}

/** The line of one loss and one metric, with validation, is not broken; longer ones are, at 80 columns. */
const longestLine = 90;
const columnsOfText = 80;

/**
 * The permanent line of an epoch: `epoch  1/10  loss 1.2034  val loss 0.4321  val accuracy 0.9123  1,180 samples/s  1.2 s`.
 * Where a network has many scalars, those of the validation stand below those of the training:
 *
 *     epoch  1/10  loss 1.2034  class 1.0021  offset 0.4026  accuracy 0.8012
 *             val  loss 0.4321  class 0.3010  offset 0.2622  accuracy 0.9123
 *                  1,180 samples/s  1.2 s
 */
export function epochLine(record: EpochRecord, epochs: number | undefined): string {
  const scalars = epochScalars(record);
  const head = epochNumber(record.epoch, epochs);
  const speed = `${formatRate(record.samples_per_second)}  ${formatSeconds(record.seconds)}`;
  const line = [head, ...scalars.map(formatNamed), speed].join("  ");
  if (line.length <= longestLine) return line;
  const training = scalars.filter(([name]) => !isValidation(name));
  const validation = scalars.filter(([name]) => isValidation(name));
  const below = validation.map(([name, value]) => formatNamed([name.replace(validationPrefix, ""), value]));
  const lines = [
    ...filled(head, training.map(formatNamed)),
    ...(below.length === 0 ? [] : filled("val".padStart(head.length), below)),
  ];
  const last = `${lines.at(-1)}  ${speed}`;
  const tail = last.length <= columnsOfText ? [last] : [lines.at(-1), `${" ".repeat(head.length)}  ${speed}`];
  return [...lines.slice(0, -1), ...tail].join("\n");
}

/** `val accuracy 0.9123`. */
function formatNamed([name, value]: readonly [name: string, value: number]): string {
  return `${formatMetricName(name)} ${formatScalar(value)}`;
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
