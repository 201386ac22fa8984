import { type LoadedDataset, prepareDataset, readDataset } from "../../runtime/data/index.js";
import type { DataShapes } from "../../runtime/data/shapes.js";
import type { Dataset } from "../../runtime/data/types.js";
import { isBaseError, type Problem, RunError } from "../../runtime/errors.js";
import type { TrainedResult } from "../../runtime/results/index.js";
import { dataShapes } from "../../runtime/script/data-shapes.js";
import type { OptionValues } from "../options.js";
import { readOptions } from "../train/load-data.js";
import { say } from "../ui.js";
import { heldOut } from "./held-out.js";
import type { rowOptions } from "./options.js";

export interface RowChoices extends OptionValues<typeof rowOptions> {
  /** Only the rows that were held out in training. */
  readonly split?: boolean | undefined;
}

/** Reads rows and prepares them as those were that the network was trained on. Without `labels` none are looked for. */
export async function loadRows(
  result: TrainedResult,
  choices: RowChoices,
  { labels }: { readonly labels: boolean },
): Promise<Dataset> {
  const { classNames } = result.record;
  const shapes = shapesOf(result, labels);
  const pictures = { imageShape: choices["sample-shape"] ?? pictureShapes(result) };
  const reading = { ...readOptions(choices), ...pictures, shapes, labels: choices.labels, classNames };
  const loaded = await readDataset(choices.data, reading).catch((error: unknown) => {
    const isSpare = !labels && choices["label-column"] === undefined;
    throw isSpare ? withAdvice(error, ({ code }) => (code === "DATA_CELL_INVALID" ? { hint: leftOut } : {})) : error;
  });
  const rows = choices.split === true ? heldOut(result, choices.data, loaded) : loaded;
  const options = { ...shapes, ...preparationFor(result, rows, choices) };
  const prepared = await prepareDataset(rows, options).catch((error: unknown) => {
    throw withAdvice(error, (problem) => misfitOf(problem, result, loaded, { ...choices, isLabelled: labels }));
  });
  for (const note of [...loaded.notes, ...prepared.notes]) say(note);
  return prepared;
}

const leftOut = "--label-column NAME leaves the column with the labels out";

function withAdvice(error: unknown, advice: (problem: Problem) => Partial<Problem>): unknown {
  if (!isBaseError(error)) return error;
  return new RunError(
    error.problems.map((problem) => ({ ...problem, ...advice(problem) })),
    { cause: error },
  );
}

/** Says of rows that do not fit which rows the network was trained on, and whether one value more may be a label. */
function misfitOf(
  { code, message }: Problem,
  { record }: TrainedResult,
  { features }: LoadedDataset,
  choices: { readonly data: string; readonly isLabelled: boolean },
): Partial<Problem> {
  if (code !== "DATA_SHAPE_MISMATCH") return {};
  const trained = Object.values(record.preparation).map(({ rows }) => `[${rows.join(",")}]`);
  const [column, ...others] = Object.values(features);
  const [, width = 0, ...axes] = column?.shape ?? [];
  const wanted = Object.values(record.preparation)[0]?.rows;
  const isOneMore = others.length === 0 && axes.length === 0 && wanted?.length === 1 && width === Number(wanted[0]) + 1;
  const at = { file: choices.data };
  const text = `${message}; the network was trained on rows of ${trained.join(" and ")}`;
  return isOneMore && !choices.isLabelled ? { message: text, at, hint: leftOut } : { message: text, at };
}

/** The columns that the evaluation takes, or the inference. */
function shapesOf({ program }: TrainedResult, labels: boolean): DataShapes {
  const { inputs } = labels ? program.evaluate : program.infer;
  const named = new Set(inputs.flatMap((bound) => (bound.role === "feed" ? [bound.feed] : [])));
  return dataShapes({ feeds: program.feeds.filter(({ name }) => named.has(name)) });
}

/** What pictures were brought to for the training. */
function pictureShapes({ record }: TrainedResult): Readonly<Record<string, readonly number[]>> {
  const images = Object.entries(record.preparation).filter(([, { sample }]) => sample.length === 3);
  return Object.fromEntries(images.map(([name, { sample }]) => [name, sample.map(Number)]));
}

/** The options of the preparation that the training had; rows that look as they did are read in the same shape. */
function preparationFor({ record }: TrainedResult, { features }: Dataset, choices: RowChoices) {
  const given = choices["sample-shape"];
  const used = Object.entries(record.preparation).filter(([name]) => Object.hasOwn(features, name));
  const floats = used.filter(([, { dtype }]) => dtype === "float32");
  const sampled = floats.flatMap(([name, { rows, sample }]): [string, readonly number[]][] => {
    const same = features[name]?.shape.slice(1).join() === rows.join();
    return same && rows.join() !== sample.join() ? [[name, sample.map(Number)]] : [];
  });
  return {
    scale: Object.fromEntries(floats.map(([name, { scale }]) => [name, scale])),
    mean: Object.fromEntries(floats.map(([name, { mean }]) => [name, mean])),
    sampleShape: given ?? Object.fromEntries(sampled),
    crop: floats.some(([, { cropFrom }]) => cropFrom !== undefined),
    layout: floats.some(([, { channelsLast }]) => channelsLast) ? ("channels_last" as const) : undefined,
  };
}
