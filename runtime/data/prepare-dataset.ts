import { sizeOf } from "../shape.js";
import { type ByInput, byInput } from "./by-input.js";
import type { ChannelOrder } from "./layout.js";
import { type InputPlan, planInput } from "./plan-input.js";
import { type Preparation, preparationOf } from "./preparation.js";
import { prepareLabels } from "./prepare-labels.js";
import { ProblemList } from "./problem-list.js";
import { type ScalingOptions, scalingOf } from "./scaling.js";
import type { DataShapes } from "./shapes.js";
import { type TransformOptions, transform } from "./transform.js";
import type { ClassNames, Columns, Dataset, NDArray } from "./types.js";

export interface PrepareOptions extends DataShapes, ScalingOptions, TransformOptions {
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
}

export interface PreparedDataset extends Dataset {
  readonly preparation: Preparation;
  /** What was done to the columns, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Brings a dataset to what a network takes: for each input `[rows, …shape]`, float32 scaled, and labels in range, all in
 * shared memory so that workers read it without copies. Images of another size are resized (bilinear, half-pixel centres,
 * antialiased where they shrink), channels-last images turned, flat rows reshaped; the notes say so. Inputs of whole
 * numbers are int32 and only reshaped. An only column of features or labels may have any name.
 *
 * Throws one RunError with everything that does not fit (`DATA_*`), before any work is done.
 *
 * @example const prepared = await prepareDataset(dataset, { ...dataShapes(gradientsOf(lenet).program), scale: 1 / 256 });
 */
export async function prepareDataset(dataset: Dataset, options: PrepareOptions): Promise<PreparedDataset> {
  const problems = new ProblemList();
  const notes: string[] = [];
  const bound: Dataset = {
    features: bindColumns("input", dataset.features, options.inputs, { problems, notes }),
    labels: bindColumns("label", dataset.labels, options.labels, { problems, notes }),
  };
  checkRows(bound, problems);
  const lengths: Record<string, number> = {};
  const plans = planInputs(bound.features, options, { problems, lengths });
  const labels = labelColumns(bound.labels, options.labels, { problems, notes, lengths });
  problems.throwIfAny();
  const done = plans.flatMap(({ name, layout: { note } }) =>
    note === undefined ? [] : [plans.length > 1 ? `input "${name}": ${note}` : note],
  );
  const features: [string, NDArray][] = [];
  for (const plan of plans) features.push([plan.name, await transform(plan, options)]);
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

interface Findings {
  readonly problems: ProblemList;
  readonly notes: string[];
}

/** The columns under the names that the network has for them: an only column is the only one that is taken. */
function bindColumns(
  what: "input" | "label",
  columns: Columns,
  wanted: Readonly<Record<string, unknown>>,
  { problems, notes }: Findings,
): Columns {
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
    if (array.data.length === sizeOf(array.shape)) continue;
    const values = `${title} have ${array.data.length} values`;
    const expected = `expected ${sizeOf(array.shape)} for shape [${array.shape.join(",")}]`;
    problems.add("DATA_SHAPE_MISMATCH", `${values}, ${expected}`);
  }
}

interface Titled {
  readonly name: string;
  /** What messages call a column: `labels`, or `labels "mask"` where there are several. */
  readonly title: string;
  readonly array: NDArray;
}

function titled(what: string, columns: Columns): readonly Titled[] {
  const entries = Object.entries(columns);
  return entries.map(([name, array]) => ({ name, title: entries.length === 1 ? what : `${what} "${name}"`, array }));
}

function planInputs(
  columns: Columns,
  options: PrepareOptions,
  { problems, lengths }: { readonly problems: ProblemList; readonly lengths: Record<string, number> },
): readonly InputPlan[] {
  const { inputs } = options;
  const scalings = scalingOf(options, problems);
  const sampleShapes = byInput("the sample shape", options.sampleShape, inputs, problems);
  const several = Object.keys(inputs).length > 1;
  return Object.entries(inputs).flatMap(([name, input]): readonly InputPlan[] => {
    const column = columns[name];
    if (column === undefined) return [];
    const subject = several ? `the input "${name}" has` : "features have";
    const [sampleShape, scaling] = [sampleShapes.get(name), scalings.get(name)];
    return [
      planInput({ name, input, column, sampleShape, order: options.layout, scaling, lengths, subject }, problems),
    ];
  });
}

function labelColumns(
  columns: Columns,
  shapes: DataShapes["labels"],
  { problems, notes, lengths }: Findings & { readonly lengths: Record<string, number> },
): Columns {
  const all = titled("labels", columns);
  const labels = all.map(({ name, title, array }): [string, NDArray] => {
    const label = shapes[name];
    if (label === undefined) return [name, array];
    const prepared = prepareLabels(array, { title, label, lengths }, problems);
    if (prepared.note !== undefined) {
      notes.push(all.length > 1 ? `label "${name}": ${prepared.note}` : prepared.note);
    }
    return [name, prepared.labels];
  });
  return Object.fromEntries(labels);
}
