import { escapeText } from "../../markup.js";
import type { Statistics, WorkerStatistics } from "../../paramserv/statistics/types.js";
import { formatBytes, formatCount, formatNumberOf } from "../format.js";
import { details, type Markup, table } from "./elements.js";

/** What a worker's time went to; the colour of each is a rule of the page's style. */
const activities = {
  compute: { title: "computing", of: (worker) => worker.compute_seconds },
  load: { title: "loading data", of: (worker) => worker.load_seconds },
  pull: { title: "pulling weights", of: (worker) => worker.pull_seconds },
  push: { title: "pushing gradients", of: (worker) => worker.push_seconds },
  update: { title: "updating", of: (worker) => worker.update_seconds },
  validation: { title: "validating", of: (worker) => worker.validation_seconds },
  wait: { title: "waiting", of: (worker) => worker.wait_seconds },
} as const satisfies Readonly<Record<string, { title: string; of: (worker: WorkerStatistics) => number }>>;

/** Bars beyond these would be a page of their own: the table has all workers. */
const mostBars = 64;

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;
const seconds = (value: number): string => `${value.toFixed(2)} s`;

function workerBar(worker: WorkerStatistics, longest: number): Markup {
  const parts = Object.entries(activities).flatMap(([name, { title, of }]) => {
    const value = of(worker);
    if (value <= 0) return [];
    return [{ name, value, text: `${title} ${seconds(value)}` }];
  });
  const segments = parts.map(({ name, value, text }) => {
    return `<span class="part ${name}" style="width:${percent(value / longest)}" title="${escapeText(text)}"></span>`;
  });
  const label = `worker ${worker.worker}: ${parts.map(({ text }) => text).join(", ")}`;
  return `<div class="bar"><span class="label">${worker.worker}</span><div class="track" role="img" aria-label="${escapeText(label)}">${segments.join("")}</div></div>`;
}

const number = (text: string) => ({ text, isNumber: true });

function workerTable(workers: readonly WorkerStatistics[]): Markup {
  const entries = Object.values(activities);
  const titles = [
    { text: "worker" },
    ...entries.map(({ title }) => number(`${title}, s`)),
    ...["batches", "rows", "rows/s", "started", "dropped", "pulled", "pushed"].map(number),
  ];
  const rows = workers.map((worker) => [
    { text: String(worker.worker) },
    ...entries.map(({ of }) => number(of(worker).toFixed(2))),
    number(formatCount(worker.steps)),
    number(formatCount(worker.samples)),
    number(formatCount(worker.samples_per_second)),
    number(formatCount(worker.incarnations)),
    number(formatCount(worker.dropped)),
    number(formatBytes(worker.bytes_pulled)),
    number(formatBytes(worker.bytes_pushed)),
  ]);
  return table("What each worker did", titles, rows);
}

/** A bar a worker, as long as its time, in parts; the table of all numbers behind it. */
export function workerBars({ by_worker: workers }: Statistics): Markup {
  const whole = (worker: WorkerStatistics): number =>
    Object.values(activities).reduce((sum, { of }) => sum + of(worker), 0);
  const longest = Math.max(...workers.map(whole), Number.MIN_VALUE);
  if (workers.length === 0) return "";
  const keys = Object.entries(activities).map(([name, { title }]) => {
    return `<li><span class="key ${name}"></span>${escapeText(title)}</li>`;
  });
  const shown = workers.slice(0, mostBars);
  const more =
    workers.length > mostBars ? `<p class="note">and ${workers.length - mostBars} more in the table</p>` : "";
  const rows = details(
    `numbers of ${formatNumberOf(workers.length, "worker")}`,
    workerTable(workers),
    workers.length <= 8,
  );
  return [
    `<ul class="keys">${keys.join("")}</ul>`,
    `<div class="bars">${shown.map((worker) => workerBar(worker, longest)).join("\n")}</div>`,
    more,
    `<p class="note">The longest bar is ${seconds(longest)}.</p>`,
    rows,
  ].join("\n");
}

/** Pushes of all workers by staleness; the last value stands for all from there on. */
function histogramOf(workers: readonly WorkerStatistics[]): readonly number[] {
  const bins = Math.max(0, ...workers.map(({ staleness }) => staleness.length));
  return Array.from({ length: bins }, (_, bin) =>
    workers.reduce((sum, { staleness }) => sum + (staleness[bin] ?? 0), 0),
  );
}

/** `openFrom`: the bin that counts its value and all above. */
export function stalenessBars(statistics: Statistics, openFrom = 16): Markup {
  if (statistics.pushes === 0) return "";
  if (statistics.max_staleness === 0) {
    return '<p class="note">No push was stale: each was applied to the weights that it was made of.</p>';
  }
  const histogram = histogramOf(statistics.by_worker);
  const most = Math.max(...histogram, 1);
  const bars = histogram.map((count, bin) => {
    const name = bin === openFrom ? `${bin}+` : String(bin);
    const label = `${name} updates: ${formatNumberOf(count, "push", "pushes")}`;
    const bar = `<span class="part count" style="width:${percent(count / most)}"></span>`;
    return `<div class="bar"><span class="label">${name}</span><div class="track" role="img" aria-label="${label}">${bar}</div><span class="value">${formatCount(count)}</span></div>`;
  });
  const figures = `mean ${statistics.mean_staleness.toFixed(2)}, most ${formatCount(statistics.max_staleness)}`;
  return [
    `<p class="note">Updates between a worker's pull and the update that its push was part of, and how many pushes: ${figures}.</p>`,
    `<div class="bars">${bars.join("\n")}</div>`,
  ].join("\n");
}
