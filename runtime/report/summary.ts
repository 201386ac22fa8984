import type { ParamservResult } from "../paramserv/types.js";
import { formatCount, formatMetricName, formatNumberOf, formatRate, formatScalar, formatSeconds } from "./format.js";
import { scalarsOf } from "./lines.js";
import { formatStatistics } from "./statistics-table.js";

export interface SummaryOptions {
  /** What was written, as the user should read it. */
  readonly files?: readonly string[];
  /** Adds the table of where each worker's time went. Default false. */
  readonly statistics?: boolean;
  /** Epochs that were asked for; said where a run stopped early. */
  readonly epochs?: number;
}

type Row = readonly [name: string, value: string];

function table(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`.trimEnd()).join("\n");
}

function headline({ status, epochs, statistics, run }: ParamservResult, asked: number | undefined): string {
  const time = formatSeconds(statistics.seconds);
  if (status === "completed") return `Trained ${formatNumberOf(epochs.length, "epoch")} in ${time}.`;
  const number = formatNumberOf(asked ?? epochs.length, "epoch");
  const done = `Stopped after ${asked === undefined ? number : `${epochs.length} of ${number}`}, ${time}`;
  if (statistics.updates === 0) return `${done}, before the first update.`;
  const { update, updates, epoch } = run.kept;
  return `${done}; kept the weights of update ${formatCount(update)} of ${formatCount(updates)}, in epoch ${epoch}.`;
}

/** The last epoch's figures; where a run was stopped those of the weights that it kept, as far as they were validated. */
function figures({ status, epochs, run }: ParamservResult): readonly Row[] {
  const last = epochs.at(-1);
  const kept = status === "aborted" ? run.kept.validation : undefined;
  const [train, validation] = kept === undefined ? [last?.train, last?.validation] : [undefined, kept];
  const all = [...scalarsOf(train), ...scalarsOf(validation).map(([name, value]) => [`val ${name}`, value] as const)];
  return all.map(([name, value]): Row => [formatMetricName(name), formatScalar(value)]);
}

/** Files beyond these are counted. */
const listedFiles = 2;

function fileRows(files: readonly string[]): readonly Row[] {
  const more = files.length - listedFiles;
  const listed = more > 1 ? [...files.slice(0, listedFiles), `and ${more} more there`] : files;
  return listed.map((file, index) => [index === 0 ? "files" : "", file]);
}

/** The closing summary of a run, several lines without a final line end. */
export function formatSummary(result: ParamservResult, options: SummaryOptions = {}): string {
  const { statistics } = result;
  const speed = `${formatRate(statistics.samples_per_second)} (${formatNumberOf(statistics.workers, "worker")})`;
  const rows = table([...figures(result), ["speed", speed], ...fileRows(options.files ?? [])]);
  const parts = [headline(result, options.epochs), rows];
  if (options.statistics === true) parts.push(formatStatistics(statistics));
  return parts.join("\n");
}
