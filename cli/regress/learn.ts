import type { ImportedModel } from "../../generators/imported.js";
import { type ArrayDataset, loadInMemory } from "../../runtime/data/in-memory.js";
import type { NDArray } from "../../runtime/data/types.js";
import { gradientsOf, paramserv } from "../../runtime/paramserv/index.js";
import type { BuiltinGradients, EpochRecord, ParameterList } from "../../runtime/paramserv/types.js";
import { initialWeights, viewsByName } from "../../runtime/program/layout.js";
import { defaultOptimizer } from "../../runtime/script/default-optimizer.js";
import type { ChangeRecord, ColumnRecord, Figures, TrainingRecord } from "./record.js";
import { rowsFor } from "./rows.js";
import type { RegressSettings } from "./settings.js";

/** How many elements of a change are kept. */
const samples = 4;

/** Figures that depend on the clock. */
const timed: ReadonlySet<string> = new Set(["event", "epoch", "seconds", "samples_per_second"]);

/**
 * The losses and metrics of an epoch by name, those of an inner record with its name before them. Knows nothing of the
 * record but that figures are numbers.
 */
export function figuresOf(record: EpochRecord | object, before = ""): Figures {
  const all = Object.entries(record).flatMap(([name, value]: [string, unknown]): [string, number | null][] => {
    if (timed.has(name)) return [];
    if (typeof value === "object" && value !== null) return Object.entries(figuresOf(value, `${before}${name}.`));
    return typeof value === "number" ? [[`${before}${name}`, Number.isFinite(value) ? value : null]] : [];
  });
  return Object.fromEntries(all);
}

function norm(data: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 1) sum += (data[i] ?? 0) ** 2;
  return Math.sqrt(sum);
}

function changeOf(before: Float32Array, after: Float32Array): ChangeRecord {
  const change = Float64Array.from(after, (value, i) => value - (before[i] ?? 0));
  const count = Math.min(samples, change.length);
  const places = Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * change.length) / count));
  return { norm: norm(change), values: places.map((place) => change[place] ?? 0) };
}

function columnsOf({ features, labels }: ArrayDataset): Readonly<Record<string, ColumnRecord>> {
  const all = Object.entries({ ...features, ...labels });
  return Object.fromEntries(
    all.map(([name, { shape, data }]: [string, NDArray]) => [name, { shape, norm: norm(data) }]),
  );
}

interface Learning {
  readonly imported: ImportedModel;
  readonly settings: RegressSettings;
  /** The folder that is checked. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

interface Run extends Learning {
  readonly upd: BuiltinGradients;
  readonly dataset: ArrayDataset;
}

/** As many updates as epochs: an epoch has the rows of one. One thread a worker, whatever the machine has. */
function train({ imported, settings, signal, upd, dataset }: Run, epochs: number) {
  const { k, batchsize, seed } = settings;
  const { features, labels } = dataset;
  return paramserv({
    model: imported.network,
    features,
    labels,
    val_features: features,
    val_labels: labels,
    upd,
    agg: imported.training.optimizer ?? defaultOptimizer,
    mode: "LOCAL",
    utype: "BSP",
    freq: "BATCH",
    scheme: "DISJOINT_CONTIGUOUS",
    reshuffle: false,
    epochs,
    batchsize,
    k,
    threads: 1,
    seed,
    signal,
  });
}

function weightsOf(upd: BuiltinGradients, seed: number, first: ParameterList, last: ParameterList) {
  const start = viewsByName(upd.program, initialWeights(upd.program, seed));
  return Object.fromEntries(
    Object.entries(start).map(([name, { shape, data }]) => {
      const [one, all] = [first[name]?.data ?? data, last[name]?.data ?? data];
      return [name, { shape, start: norm(data), first: changeOf(data, one), last: changeOf(data, all) }];
    }),
  );
}

/**
 * Trains a model for a few updates, with nothing left to the machine: the same bits wherever the processor rounds alike.
 * Undefined if `signal` ended it.
 *
 * @throws BaseError as `train` does
 */
export async function learn(learning: Learning): Promise<TrainingRecord | undefined> {
  const { imported, settings, directory } = learning;
  const { steps, k, batchsize, seed } = settings;
  const upd = gradientsOf(imported.network);
  const { dataset: rows, source } = await rowsFor({ imported, program: upd.program, directory, settings });
  // A few rows, whose columns are recorded.
  const dataset = await loadInMemory(rows);
  const run = { ...learning, upd, dataset };
  const first = await train(run, 1);
  const last = steps === 1 ? first : await train(run, steps);
  if (first.status === "aborted" || last.status === "aborted") return undefined;
  return {
    rows: source,
    settings: { steps, k, batchsize, seed },
    columns: columnsOf(dataset),
    updates: last.epochs.map((epoch) => figuresOf(epoch)),
    weights: weightsOf(upd, seed, first.model, last.model),
  };
}
