import type { Dim } from "../graph/types.js";
import type { ByInput } from "./by-input.js";
import type { ColumnWish } from "./formats/format.js";
import type { ImageWish } from "./images/check-images.js";
import type { OpenFile } from "./open-file.js";
import { ProblemList } from "./problem-list.js";
import type { DataShapes } from "./shapes.js";
import type { ClassNames } from "./types.js";

/** Where in files the columns are, as a caller says it. */
export interface NameOptions {
  /**
   * The columns to read, from {@link dataShapes}. Default: one of features, float32, and one of labels, under the names
   * `features` and `labels`.
   */
  readonly shapes?: DataShapes | undefined;
  /**
   * .npz: the array of an only input, or of each by the input's name. Default: the array of that name, else of an only
   * input `x`, `features`, `images`, `x_train` and the like.
   */
  readonly inputArrays?: ByInput<string> | undefined;
  /** .npz: the array of an only label, or of each. Default: of that name, else `y`, `labels`, `target`, `y_train` and the like. */
  readonly labelArrays?: ByInput<string> | undefined;
  /**
   * Pictures: the shape `[channels, height, width]` or `[height, width]` that they are brought to, of an only input or by the
   * name of one. Default: the shape of the input.
   */
  readonly imageShape?: ByInput<readonly number[]> | undefined;
  /** Pictures keep their size where no `imageShape` says another, and must all have the same. */
  readonly keepImageSize?: boolean | undefined;
  /** A second file with the labels. Default: the labels are in the first, or beside it (IDX). */
  readonly labels?: string | undefined;
  /** CSV: the label column, by name or number from 1. Default: `label`, `class`, `target` or `y`, else the last. */
  readonly labelColumn?: string | number | undefined;
  /** The words that labels may be, by label, in the order of their class numbers. Default: those of the file, sorted. */
  readonly classNames?: ClassNames | undefined;
}

/** The columns to look for. */
export interface Wishes {
  readonly features: readonly ColumnWish[];
  readonly labels: readonly ColumnWish[];
}

/** What is read where nobody says what a network takes. */
const unnamed: DataShapes = {
  inputs: { features: { shape: [], dtype: "float32" } },
  labels: { labels: { shape: [], dtype: "int32" } },
};

/** The columns to look for in these files, of which the second holds the labels. Whatever is named in vain is refused. */
export function wishesOf(options: NameOptions, first: OpenFile, second: OpenFile | undefined): Wishes {
  const problems = new ProblemList();
  const { inputs, labels } = options.shapes ?? unnamed;
  const { inputArrays = {}, labelArrays = {} } = options;
  const files = second === undefined ? [first] : [first, second];
  checkNames(options, files, problems);
  const wishes = {
    features: wishesFor("input", { columns: inputs, arrays: inputArrays }, problems).map(
      (wish): ColumnWish => ({ ...wish, image: imageWish(inputs[wish.name]?.shape ?? [], wish.name, options) }),
    ),
    labels: wishesFor("label", { columns: labels, arrays: labelArrays }, problems).map(
      (wish): ColumnWish => ({ ...wish, classNames: options.classNames?.[wish.name] }),
    ),
  };
  if (second !== undefined && wishes.labels.length === 0) {
    const message = `a file of labels was named, "${second.source.file}", and the network takes no labels`;
    problems.add("DATA_OPTION_INVALID", message);
  }
  checkNamed("inputs", wishes.features, first, problems);
  checkNamed("labels", wishes.labels, second ?? first, problems);
  problems.throwIfAny();
  return wishes;
}

/** What pictures are brought to for an input of this shape. */
function imageWish(shape: readonly Dim[], name: string, { imageShape, keepImageSize }: NameOptions): ImageWish {
  const given = isShape(imageShape) ? imageShape : imageShape?.[name];
  const [width, height, channels = 1] = (given ?? []).toReversed();
  if (width !== undefined && height !== undefined) return { channels, size: [height, width] };
  const [depth, rows, columns] = shape;
  if (shape.length !== 3 || typeof depth !== "number") return {};
  const isKnown = typeof rows === "number" && typeof columns === "number" && keepImageSize !== true;
  return { channels: depth, ...(isKnown ? { size: [rows, columns] as const } : {}) };
}

function isShape(given: ByInput<readonly number[]> | undefined): given is readonly number[] {
  return Array.isArray(given);
}

interface Naming {
  readonly columns: DataShapes["inputs"];
  /** The array of an only column, or those of columns by their names. */
  readonly arrays: ByInput<string>;
}

function wishesFor(what: string, { columns, arrays: given }: Naming, problems: ProblemList): readonly ColumnWish[] {
  const names = Object.keys(columns);
  const only = typeof given === "string" ? given : undefined;
  const arrays: Readonly<Record<string, string>> = typeof given === "string" ? {} : given;
  const known = names.length === 0 ? "none" : names.map((name) => `"${name}"`).join(", ");
  for (const name of Object.keys(arrays)) {
    if (names.includes(name)) continue;
    const message = `an array is named for the ${what} "${name}", expected one of the network's ${what}s: ${known}`;
    problems.add("DATA_OPTION_INVALID", message);
  }
  if (only !== undefined && names.length !== 1) {
    const message = `the array "${only}" is named for an only ${what}, and the network has ${names.length}: ${known}`;
    problems.add("DATA_OPTION_INVALID", message, { hint: `name the array of each ${what}` });
  }
  return Object.entries(columns).map(([name, { dtype }]): ColumnWish => {
    const array = (Object.hasOwn(arrays, name) ? arrays[name] : undefined) ?? only;
    return { name, array, whole: dtype !== "float32" };
  });
}

const npzNeeded = "an .npz file, the format whose arrays have names";

/** A name that no file's format has a use for would be ignored in silence. */
function checkNames(options: NameOptions, files: readonly OpenFile[], problems: ProblemList): void {
  const found = files.map(({ source }) => `"${source.file}"`).join(" and ");
  const { labelColumn } = options;
  if (labelColumn !== undefined && !files.some(({ format }) => format.hasColumns === true)) {
    const expected = "expected a text table, the format with columns";
    const message = `label column ${JSON.stringify(labelColumn)} was named for ${found}, ${expected}`;
    problems.add("DATA_OPTION_INVALID", message);
  }
  const bound = [options.inputArrays, options.labelArrays].some((arrays) => Object.keys(arrays ?? {}).length > 0);
  if (!bound || files.some(({ format }) => format.named === true)) return;
  problems.add("DATA_OPTION_INVALID", `arrays were named for ${found}, expected ${npzNeeded}`);
}

/** A file whose arrays have no names holds one input or one label. */
function checkNamed(
  what: string,
  wishes: readonly ColumnWish[],
  { source, format }: OpenFile,
  problems: ProblemList,
): void {
  if (wishes.length <= 1 || format.named === true) return;
  const names = wishes.map(({ name }) => `"${name}"`).join(", ");
  const message = `"${source.file}" can hold one array of ${what}, and the network has ${wishes.length}: ${names}`;
  problems.add("DATA_ARRAY_MISSING", message, { hint: "give them as arrays of an .npz file" });
}
