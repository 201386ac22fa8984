import { resolve } from "node:path";
import type { ImportedModel } from "../../generators/imported.js";
import { takeDataset } from "../../runtime/data/gather.js";
import { type Dataset, type NDArray, rowsOf } from "../../runtime/data/types.js";
import { RunError } from "../../runtime/errors.js";
import { evaluate, symbolsOf } from "../../runtime/graph/lengths.js";
import type { Dim } from "../../runtime/graph/types.js";
import type { Feed, TrainingProgram } from "../../runtime/program/types.js";
import { random } from "../../runtime/random.js";
import { sizeOf } from "../../runtime/shape.js";
import { loadData } from "../train/load-data.js";
import { pathFrom, type RegressSettings } from "./settings.js";

/** The rows of one update, and where they come from. */
export interface Rows {
  readonly dataset: Dataset;
  /** The data file from the folder, or "synthetic". */
  readonly source: string;
}

/** Every named length of a row that is made up, such as the words of a text. */
const madeUpLength = 6;

type DataFeed = Extract<Feed, { kind: "features" | "labels" }>;

function staticShape(shape: readonly Dim[]): readonly number[] {
  const names = shape.flatMap((dim) => symbolsOf(dim));
  const lengths = Object.fromEntries(names.map((name) => [name, madeUpLength]));
  return shape.map((dim) => evaluate(dim, lengths));
}

/** Numbers for a column: normal ones, class numbers in their range, flags of 0 and 1, else whole numbers below 10. */
function makeColumn({ name, dtype, shape, classes }: DataFeed, count: number, seed: number): NDArray {
  const whole = [count, ...staticShape(shape)];
  const generator = random(seed, "regress", name);
  const size = sizeOf(whole);
  if (dtype === "float32") return { shape: whole, data: Float32Array.from({ length: size }, () => generator.normal()) };
  const bound = dtype === "bool" ? 2 : (classes ?? 10);
  return { shape: whole, data: Int32Array.from({ length: size }, () => generator.int(bound)) };
}

/** Values that are made up for one update at most, 256 MiB: drawing more would take longer than a training may. */
const mostValues = 2 ** 26;

function checkSize({ feeds }: TrainingProgram, count: number): void {
  const columns = feeds.filter((feed): feed is DataFeed => feed.kind === "features" || feed.kind === "labels");
  const values = columns.reduce((sum, { shape }) => sum + count * sizeOf(staticShape(shape)), 0);
  if (values <= mostValues) return;
  const found = `${count} made-up rows, k × batchsize of regress.json, have ${values} values`;
  const hint = "fewer rows show as well whether a model learns as it did";
  throw new RunError({ code: "DATA_TOO_LARGE", message: `${found}, expected ${mostValues} at most`, hint });
}

function makeRows({ feeds }: TrainingProgram, count: number, seed: number): Dataset {
  const columns = (kind: DataFeed["kind"]) =>
    Object.fromEntries(
      feeds
        .filter((feed): feed is DataFeed => feed.kind === kind)
        .map((feed) => [feed.name, makeColumn(feed, count, seed)]),
    );
  return { features: columns("features"), labels: columns("labels") };
}

/** What the rows are for. */
interface Wanted {
  readonly imported: ImportedModel;
  readonly program: TrainingProgram;
  readonly directory: string;
  readonly settings: RegressSettings;
}

async function readRows({ imported, program, settings }: Wanted, data: string, count: number): Promise<Dataset> {
  const { labels, seed } = settings;
  const choices = { data, seed, validation: 0, ...(labels === undefined ? {} : { labels }) };
  const quiet = { onProgress: () => undefined, say: () => undefined };
  const { train } = await loadData({ imported, program }, choices, quiet);
  const found = rowsOf(train);
  if (found >= count)
    return takeDataset(
      train,
      Int32Array.from({ length: count }, (_, row) => row),
    );
  const message = `the data have ${found} rows, expected at least ${count}: k × batchsize of regress.json`;
  throw new RunError({ code: "DATA_EMPTY", at: { file: data }, message });
}

/**
 * The rows of one update: the first of the data file that regress.json names, prepared as `train` does, else rows made
 * from the seed. Every update learns from the same ones.
 */
export async function rowsFor(wanted: Wanted): Promise<Rows> {
  const { program, directory, settings } = wanted;
  const { data, k, batchsize, seed } = settings;
  const count = k * batchsize;
  if (data === undefined) checkSize(program, count);
  if (data === undefined) return { dataset: makeRows(program, count, seed), source: "synthetic" };
  return { dataset: await readRows(wanted, data, count), source: pathFrom(resolve(directory), data) };
}
