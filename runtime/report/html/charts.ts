import { escapeText } from "../../markup.js";
import type { JsonMeans, JsonNumber } from "../events.js";
import { formatMetricName, formatNumberOf } from "../format.js";
import type { Markup } from "./elements.js";
import type { ReportData } from "./report-data.js";

/** One curve of a chart. */
interface Series {
  readonly label: "training, by update" | "training, by epoch" | "validation" | "learning rate";
  /** A colour and a dash of the page's style. */
  readonly style: "update" | "epoch" | "validation" | "rate";
  /** Updates made, rising. */
  readonly x: readonly number[];
  /** Null is a gap: a number that was not finite. */
  readonly y: readonly JsonNumber[];
}

interface Chart {
  readonly title: string;
  readonly series: readonly Series[];
}

/** Of more metrics than these the page draws the first; the table of epochs has all. */
const mostCharts = 12;

interface Point {
  readonly updates: number;
  readonly value: JsonNumber | undefined;
}

function series(label: Series["label"], style: Series["style"], points: readonly Point[]): readonly Series[] {
  // Epochs without an update stand at the same place: the last one holds.
  const byUpdates = new Map<number, JsonNumber>();
  for (const { updates, value } of points) if (value !== undefined) byUpdates.set(updates, value);
  const sorted = [...byUpdates].sort(([a], [b]) => a - b);
  if (sorted.length === 0) return [];
  return [{ label, style, x: sorted.map(([x]) => x), y: sorted.map(([, y]) => y) }];
}

/** The value of a metric that rows may have by any name, `__proto__` too. */
function meanOf(means: JsonMeans | undefined, name: string): JsonNumber | undefined {
  return means !== undefined && Object.hasOwn(means, name) ? means[name] : undefined;
}

/** Losses and metrics by name, the total loss first. */
export function metricNames({ curve, epochs }: Pick<ReportData, "curve" | "epochs">): readonly string[] {
  const means = [...curve.map(({ train }) => train), ...epochs.flatMap(({ train, validation }) => [train, validation])];
  const names = new Set(means.flatMap((of) => Object.keys(of ?? {})));
  return names.delete("loss") ? ["loss", ...names] : [...names];
}

function metricChart(name: string, { curve, epochs }: ReportData): Chart {
  const of = (means: JsonMeans | undefined, updates: number): Point => ({ updates, value: meanOf(means, name) });
  return {
    title: formatMetricName(name),
    series: [
      ...series(
        "training, by update",
        "update",
        curve.map(({ train, updates }) => of(train, updates)),
      ),
      ...series(
        "training, by epoch",
        "epoch",
        epochs.map(({ train, updates }) => of(train, updates)),
      ),
      ...series(
        "validation",
        "validation",
        epochs.map(({ validation, updates }) => of(validation, updates)),
      ),
    ],
  };
}

function rateChart({ curve, epochs }: ReportData): Chart {
  const points = curve.length > 0 ? curve : epochs;
  const rates = points.map(({ updates, learning_rate: value }) => ({ updates, value }));
  return { title: "learning rate", series: series("learning rate", "rate", rates) };
}

/** The charts of a run: losses and metrics, then the learning rate; those that have anything to show. */
export function chartsOf(data: ReportData): readonly Chart[] {
  const metrics = metricNames(data).slice(0, mostCharts);
  const charts = [...metrics.map((name) => metricChart(name, data)), rateChart(data)];
  return charts.filter((chart) => chart.series.length > 0);
}

/** What a chart says to those who do not see it. */
function summaryOf({ title, series: all }: Chart): string {
  const parts = all.map(({ label, y }) => {
    const known = y.filter((value) => value !== null);
    const [first, last] = [known[0], known.at(-1)];
    if (first === undefined || last === undefined) return `${label}: no finite numbers`;
    return `${label}: from ${first.toPrecision(4)} to ${last.toPrecision(4)} over ${formatNumberOf(y.length, "point")}`;
  });
  return `${title}. ${parts.join("; ")}`;
}

/** Places for the charts, which the page's script draws, and their numbers. */
export function chartsMarkup(charts: readonly Chart[]): Markup {
  if (charts.length === 0) return "";
  const figures = charts.map((chart, index) => {
    const label = escapeText(summaryOf(chart));
    const plot = `<div class="plot" data-chart="${index}" role="img" aria-label="${label}"></div>`;
    return `<figure><figcaption>${escapeText(chart.title)}</figcaption>${plot}</figure>`;
  });
  return [
    '<noscript><p class="note">The curves are drawn by a script of this page, which is switched off here: the tables have the numbers.</p></noscript>',
    `<div class="charts">${figures.join("\n")}</div>`,
    `<p class="note">Across: updates of the weights. Drag to enlarge a part, double-click for the whole.</p>`,
  ].join("\n");
}

/** The numbers of the charts as a data block. `<` is escaped: no text in it can end the block. */
export function chartsData(charts: readonly Chart[]): Markup {
  const json = JSON.stringify(charts.map(({ series: all }) => ({ series: all }))).replaceAll("<", "\\u003c");
  return `<script type="application/json" id="charts">${json}</script>`;
}
