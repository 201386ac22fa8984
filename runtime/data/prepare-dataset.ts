import { sizeOf } from "../shape.js";
import type { Augmentation } from "./augment/augmentation.js";
import { type ByInput, byInput } from "./by-input.js";
import { loadInMemory } from "./in-memory.js";
import { inputColumn } from "./input-column.js";
import type { ChannelOrder } from "./layout.js";
import { type InputPlan, isImage, planInput } from "./plan-input.js";
import { type Preparation, preparationOf } from "./preparation.js";
import { prepareLabels } from "./prepare-labels.js";
import { ProblemList } from "./problem-list.js";
import { type ScalingOptions, scalingOf } from "./scaling.js";
import type { DataShapes } from "./shapes.js";
import { isStored } from "./stored-column.js";
import type { ClassNames, Column, DataColumns, Dataset } from "./types.js";

/** More zeros around an image than the largest images have pixels mean a mistake. */
const mostPadding = 4096;

export interface PrepareOptions extends DataShapes, ScalingOptions {
  /**
   * The shape of one row, for files that cannot say it (a CSV row of pixels), of the one float input or by the name of an
   * input. Default: as the features have it.
   */
  readonly sampleShape?: ByInput<readonly number[]> | undefined;
  /**
   * Where the channels of images stand, where the axes of the data leave it open: flat rows, or images with as many rows
   * as channels. Default "channels_first".
   */
  readonly layout?: ChannelOrder | undefined;
  /**
   * Cut the input's size out of images that are larger, instead of resizing them: at a random place with `augment`, else
   * the middle. Default false.
   */
  readonly crop?: boolean | undefined;
  /** How images are changed each time that they come into a batch of the training. Default: they are not. */
  readonly augment?: Augmentation | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PreparedDataset extends Dataset {
  readonly preparation: Preparation;
  /** What was done to the columns, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Says what is done to a dataset's rows for a network, and checks that it can be done: for each input `[rows, …shape]`,
 * float32 scaled, and labels in range. Images of another size are resized (bilinear, half-pixel centres, antialiased where
 * they shrink), channels-last images turned, flat rows reshaped; the notes say so. Inputs of whole numbers are int32 and only
 * reshaped. An only column of features or labels may have any name. Rows stay as they are stored: each batch is made as it is
 * needed. {@link loadInMemory} makes all of them.
 *
 * Throws one RunError with everything that does not fit (`DATA_*`).
 *
 * @example const prepared = await prepareDataset(dataset, { ...dataShapes(gradientsOf(lenet).program), scale: 1 / 256 });
 */
export async function prepareDataset(given: Dataset, options: PrepareOptions): Promise<PreparedDataset> {
  const problems = new ProblemList();
  const notes: string[] = [];
  const dataset = await withoutSteps(given);
  const bound: Dataset = {
    features: bindColumns("input", dataset.features, options.inputs, { problems, notes }),
    labels: bindColumns("label", dataset.labels, options.labels, { problems, notes }),
  };
  checkRows(bound, problems);
  const findings: Findings = { problems, notes, lengths: {}, signal: options.signal };
  const plans = await planInputs(bound.features, options, findings);
  const labels = await labelColumns(bound.labels, options.labels, findings);
  problems.throwIfAny();
  const done = plans.flatMap(({ name, layout: { note } }) =>
    note === undefined ? [] : [plans.length > 1 ? `input "${name}": ${note}` : note],
  );
  const features = plans.map((plan) => [plan.name, inputColumn(plan)] as const);
  const { origin } = dataset;
  const classNames = boundNames(dataset.classNames, options.labels);
  return {
    features: Object.fromEntries(features),
    labels,
    ...(classNames && { classNames }),
    ...(origin && { origin }),
    preparation: Object.fromEntries(plans.map((plan) => [plan.name, preparationOf(plan)])),
    notes: [...done, ...notes],
  };
}

/** The class names under the names that the network has for the labels, as the columns are bound. */
function boundNames(given: ClassNames | undefined, wanted: Readonly<Record<string, unknown>>): ClassNames | undefined {
  const [names, entries] = [Object.keys(wanted), Object.entries(given ?? {})];
  const [name] = names;
  const [only] = entries;
  if (given === undefined || only === undefined || name === undefined) return undefined;
  return names.length === 1 && entries.length === 1 ? { [name]: only[1] } : given;
}

/** A dataset that was prepared before is prepared anew from the rows that it has now. */
async function withoutSteps(dataset: Dataset): Promise<Dataset> {
  const all = [...Object.values(dataset.features), ...Object.values(dataset.labels)];
  return all.some((column) => isStored(column) && column.steps !== undefined) ? loadInMemory(dataset) : dataset;
}

interface Findings {
  readonly problems: ProblemList;
  readonly notes: string[];
  /** Named lengths, learned column by column. */
  readonly lengths: Record<string, number>;
  readonly signal: AbortSignal | undefined;
}

/** The columns under the names that the network has for them: an only column is the only one that is taken. */
function bindColumns(
  what: "input" | "label",
  columns: DataColumns,
  wanted: Readonly<Record<string, unknown>>,
  { problems, notes }: Pick<Findings, "problems" | "notes">,
): DataColumns {
  const [names, given] = [Object.keys(wanted), Object.entries(columns)];
  const [name] = names;
  const [column] = given;
  if (names.length === 1 && given.length === 1 && name !== undefined && column !== undefined) {
    return { [name]: column[1] };
  }
  const known = given.map(([each]) => `"${each}"`).join(", ");
  for (const each of names) {
    if (Object.hasOwn(columns, each)) continue;
    const found = known === "" ? "none" : known;
    problems.add("DATA_ARRAY_MISSING", `the data have no column for the ${what} "${each}", found ${found}`);
  }
  const unused = given.filter(([each]) => !names.includes(each));
  notes.push(...unused.map(([each]) => `the column "${each}" is left out: the network has no such ${what}`));
  return Object.fromEntries(given.filter(([each]) => names.includes(each)));
}

function checkRows({ features, labels }: Dataset, problems: ProblemList): void {
  const all = [...titled("features", features), ...titled("labels", labels)];
  const [first] = all;
  const rows = first?.array.shape[0] ?? 0;
  if (rows === 0) problems.add("DATA_EMPTY", `${first?.title ?? "features"} have no rows, expected at least one`);
  for (const { title, array } of all) {
    const [found = 0] = array.shape;
    if (found !== rows) {
      const message = `${first?.title} have ${rows} rows and ${title} ${found}, expected as many of each`;
      problems.add("DATA_ROWS_MISMATCH", message);
    }
    if (isStored(array) || array.data.length === sizeOf(array.shape)) continue;
    const values = `${title} have ${array.data.length} values`;
    const expected = `expected ${sizeOf(array.shape)} for shape [${array.shape.join(",")}]`;
    problems.add("DATA_SHAPE_MISMATCH", `${values}, ${expected}`);
  }
}

interface Titled {
  readonly name: string;
  /** What messages call a column: `labels`, or `labels "mask"` where there are several. */
  readonly title: string;
  readonly array: Column;
}

function titled(what: string, columns: DataColumns): readonly Titled[] {
  const entries = Object.entries(columns);
  return entries.map(([name, array]) => ({ name, title: entries.length === 1 ? what : `${what} "${name}"`, array }));
}

/** Options for images need an input that takes some. */
function checkAugmenting({ crop, augment, inputs }: PrepareOptions, problems: ProblemList): void {
  const { mirror = false, pad = 0 } = augment ?? {};
  if (!(Number.isSafeInteger(pad) && pad >= 0 && pad <= mostPadding)) {
    problems.add("DATA_OPTION_INVALID", `pad is ${pad}, expected a whole number of pixels from 0 to ${mostPadding}`);
  }
  const given = [crop === true ? "crop" : "", mirror ? "mirror" : "", pad > 0 ? "pad" : ""].filter(
    (name) => name !== "",
  );
  if (given.length === 0 || Object.values(inputs).some(isImage)) return;
  const shapes = Object.values(inputs).map(({ shape }) => `[${shape.join(",")}]`);
  const expected = "expected an input of images [channels, height, width]";
  problems.add(
    "DATA_OPTION_INVALID",
    `${given.join(" and ")} given for inputs of shape ${shapes.join(", ")}, ${expected}`,
  );
}

async function planInputs(
  columns: DataColumns,
  options: PrepareOptions,
  { problems, lengths, signal }: Findings,
): Promise<readonly InputPlan[]> {
  const { inputs } = options;
  const scalings = scalingOf(options, problems);
  const sampleShapes = byInput("the sample shape", options.sampleShape, inputs, problems);
  checkAugmenting(options, problems);
  const several = Object.keys(inputs).length > 1;
  const plans: InputPlan[] = [];
  for (const [name, input] of Object.entries(inputs)) {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (column === undefined) continue;
    const subject = several ? `the input "${name}" has` : "features have";
    const [sampleShape, scaling] = [sampleShapes.get(name), scalings.get(name)];
    const changed = { crop: options.crop === true, augmentation: options.augment };
    const given = { name, input, column, sampleShape, order: options.layout, scaling, ...changed };
    const planning = { ...given, lengths, subject, signal };
    plans.push(await planInput(planning, problems));
  }
  return plans;
}

async function labelColumns(
  columns: DataColumns,
  shapes: DataShapes["labels"],
  { problems, notes, lengths, signal }: Findings,
): Promise<DataColumns> {
  const all = titled("labels", columns);
  const labels: [string, Column][] = [];
  for (const { name, title, array } of all) {
    const label = shapes[name];
    if (label === undefined) {
      labels.push([name, array]);
      continue;
    }
    const prepared = await prepareLabels(array, { title, label, lengths, signal }, problems);
    if (prepared.note !== undefined) {
      notes.push(all.length > 1 ? `label "${name}": ${prepared.note}` : prepared.note);
    }
    labels.push([name, prepared.labels]);
  }
  return Object.fromEntries(labels);
}
