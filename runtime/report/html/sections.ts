import type { JsonMeans, JsonNumber } from "../events.js";
import {
  formatBytes,
  formatCount,
  formatLearningRate,
  formatMetricName,
  formatNumberOf,
  formatRate,
  formatScalar,
  formatSeconds,
} from "../format.js";
import { metricNames } from "./charts.js";
import { details, type Markup, table } from "./elements.js";
import type { ReportData } from "./report-data.js";

type Entry = readonly [name: string, text: string];

/** JSON has null where a number was not finite. */
const scalar = (value: JsonNumber | undefined): string =>
  value === undefined ? "" : value === null ? "not finite" : formatScalar(value);

function meansEntries(means: JsonMeans | undefined, before: string): readonly Entry[] {
  return Object.entries(means ?? {}).map(
    ([name, value]): Entry => [`${before}${formatMetricName(name)}`, scalar(value)],
  );
}

/** How the run ended, in a sentence. */
export function statusText({ status, kept, epochs, options }: ReportData): string {
  if (status === "completed") return `Trained ${formatNumberOf(epochs.length, "epoch")}.`;
  const done = `Stopped after ${epochs.length} of ${formatNumberOf(options.epochs, "epoch")}`;
  return `${done}; kept the weights of update ${formatCount(kept.update)} of ${formatCount(kept.updates)}.`;
}

/** The figures that count: of the weights that were kept where they were validated, else of the last epoch. */
export function tiles({ status, kept, epochs, statistics }: ReportData): readonly Entry[] {
  const last = epochs.at(-1);
  const stopped = status === "aborted" ? kept.validation : undefined;
  const figures =
    stopped === undefined
      ? [...meansEntries(last?.train, "training "), ...meansEntries(last?.validation, "validation ")]
      : meansEntries(stopped, "validation ");
  if (statistics === undefined) return figures;
  return [
    ...figures,
    ["time", formatSeconds(statistics.seconds)],
    ["speed", formatRate(statistics.samples_per_second)],
    ["workers", formatCount(statistics.workers)],
    ["updates", formatCount(statistics.updates)],
    ["waiting for data", `${(100 * statistics.waiting_for_data).toFixed(1)} %`],
  ];
}

/** A row an epoch, all losses and metrics. */
export function epochTable(data: ReportData): Markup {
  const { epochs } = data;
  if (epochs.length === 0) return "";
  const names = metricNames({ epochs, curve: [] });
  const hasValidation = epochs.some(({ validation }) => validation !== undefined);
  const number = (text: string) => ({ text, isNumber: true });
  const titles = [
    { text: "epoch" },
    ...names.map((name) => number(formatMetricName(name))),
    ...(hasValidation ? names.map((name) => number(`val ${formatMetricName(name)}`)) : []),
    ...["learning rate", "updates", "samples/s", "seconds"].map(number),
  ];
  const of = (means: JsonMeans | undefined, name: string): string =>
    means !== undefined && Object.hasOwn(means, name) ? scalar(means[name]) : "";
  const rows = epochs.map(({ epoch, train, validation, ...rest }) => [
    { text: String(epoch) },
    ...names.map((name) => number(of(train, name))),
    ...(hasValidation ? names.map((name) => number(of(validation, name))) : []),
    number(rest.learning_rate === undefined ? "" : formatLearningRate(rest.learning_rate)),
    number(formatCount(rest.updates)),
    number(rest.samples_per_second === null ? "" : formatCount(rest.samples_per_second)),
    number(rest.seconds.toFixed(1)),
  ]);
  const content = table("Figures of each epoch", titles, rows);
  return details(`figures of ${formatNumberOf(epochs.length, "epoch")}`, content, epochs.length <= 20);
}

/** What was counted in the run. */
export function countEntries({ statistics }: ReportData): readonly Entry[] {
  if (statistics === undefined) return [];
  const { dropped_pushes, dropped_samples, lost_workers, checkpoints, checkpoint_seconds } = statistics;
  return [
    ["pushes", formatCount(statistics.pushes)],
    ["rows learned from", formatCount(statistics.samples)],
    ["dropped", `${formatNumberOf(dropped_pushes, "push", "pushes")}, ${formatNumberOf(dropped_samples, "row")}`],
    ["skipped, not finite", formatNumberOf(statistics.skipped_batches, "batch", "batches")],
    ["lost", formatNumberOf(lost_workers, "worker")],
    ["checkpoints", `${formatCount(checkpoints)}, ${formatSeconds(checkpoint_seconds)}`],
    ["pulled, pushed", `${formatBytes(statistics.bytes_pulled)}, ${formatBytes(statistics.bytes_pushed)}`],
    ["set-up", formatSeconds(statistics.setup_seconds)],
  ];
}

/** `agg.options.momentum` 0.9: what has parts is told part by part. */
function flattened(name: string, value: unknown): readonly Entry[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [[name, typeof value === "string" ? value : (JSON.stringify(value) ?? "")]];
  }
  const parts = Object.entries(value).filter(([part]) => part !== "kind");
  return parts.flatMap(([part, one]) => flattened(`${name}.${part}`, one));
}

/** Options of the run by name. */
export function optionEntries({ options }: ReportData): readonly Entry[] {
  return Object.entries(options).flatMap(([name, value]) => flattened(name, value));
}

/** Where it all came from. */
export function originEntries({ sources, rows, program, paramserv }: ReportData): readonly Entry[] {
  return [
    ...(sources.length === 0 ? [] : [["model", sources.join(", ")] as const]),
    ...rows.map(({ name, text }): Entry => [name, text]),
    ...(program === undefined ? [] : [["program, sha-256", program] as const]),
    ["paramserv", paramserv],
  ];
}
