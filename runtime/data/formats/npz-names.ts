import type { ProblemList } from "../problem-list.js";
import type { ColumnWish, DataRequest } from "./format.js";

/** Array names that are taken for an only column, in the order of preference; case does not matter. */
const usualNames = {
  features: ["x", "features", "images", "data", "inputs", "x_train", "train_x", "train_images", "arr_0"],
  labels: ["y", "labels", "label", "targets", "target", "classes", "y_train", "train_y", "train_labels", "arr_1"],
} as const;

/** Usual names of held-out features and labels. */
const validationNames = [
  ["x_test", "y_test"],
  ["x_val", "y_val"],
  ["x_valid", "y_valid"],
  ["test_images", "test_labels"],
] as const;

/** What is put behind the names of arrays of held-out rows. */
const validationSuffixes = ["_test", "_val", "_valid"];

export interface Named {
  readonly file: string;
  /** Array names without `.npy`. */
  readonly names: readonly string[];
}

/** The array of each column, by the column's name. */
export type Found = Readonly<Record<string, string>>;

type What = "features" | "labels";

/** The arrays of all columns of a kind; what is missing is a problem. */
export function findAll(archive: Named, what: What, request: DataRequest, problems: ProblemList): Found {
  const wishes = request[what];
  const alone = wishes.length === 1;
  const found = wishes.flatMap((wish): readonly [string, string][] => {
    const name = find(archive.names, what, wish, alone);
    if (name !== undefined) return [[wish.name, name]];
    const hint = wish.array === undefined ? { hint: hintFor(what, wish.name, alone) } : {};
    problems.add("DATA_ARRAY_MISSING", missing(archive, what, wish, alone), hint);
    return [];
  });
  return Object.fromEntries(found);
}

/** The array of a column: the one that was named, the one of the column's name, or for an only column a usual name. */
function find(names: readonly string[], what: What, { name, array }: ColumnWish, alone: boolean): string | undefined {
  const exact = array ?? name;
  if (names.includes(exact)) return exact;
  if (array !== undefined || !alone) return undefined;
  for (const candidate of usualNames[what]) {
    const usual = names.find((each) => each.toLowerCase() === candidate);
    if (usual !== undefined) return usual;
  }
  // A file of labels alone needs no name.
  return what === "labels" && names.length === 1 ? names[0] : undefined;
}

function missing({ file, names }: Named, what: What, { name, array }: ColumnWish, alone: boolean): string {
  const has = names.length === 0 ? "no arrays" : `the arrays ${names.map((each) => `"${each}"`).join(", ")}`;
  const purpose = alone ? `the ${what}` : what === "features" ? `the input "${name}"` : `the label "${name}"`;
  const usual: readonly string[] = usualNames[what];
  const own = usual.includes(name) ? [] : [name];
  const several = alone ? `one of ${[...own, ...usual].join(", ")}` : "an array of the same name";
  return `"${file}" has ${has}, expected ${array === undefined ? several : `"${array}"`} for ${purpose}`;
}

function hintFor(what: What, column: string, alone: boolean): string {
  return `say which array it is: --${what === "features" ? "input" : "label"} ${alone ? "" : `${column}=`}ARRAY`;
}

export interface Columns {
  readonly features: Found;
  readonly labels: Found;
}

/** Arrays of rows to validate with: the names of all with one suffix, or usual names beside an only input and label. */
export function findValidation({ names }: Named, used: Columns, request: DataRequest): Columns | undefined {
  for (const suffix of validationSuffixes) {
    const held = (found: Found): Found =>
      Object.fromEntries(Object.entries(found).map(([column, name]) => [column, `${name}${suffix}`]));
    const both = { features: held(used.features), labels: held(used.labels) };
    if ([both.features, both.labels].flatMap((found) => Object.values(found)).every((name) => names.includes(name))) {
      return both;
    }
  }
  const [feature, ...features] = request.features;
  const [label, ...labels] = request.labels;
  const one = feature !== undefined && label !== undefined && features.length === 0 && labels.length === 0;
  // Usual names say nothing about an array that was named.
  if (!one || feature.array !== undefined) return undefined;
  for (const pair of validationNames) {
    const [x, y] = pair.map((candidate) => names.find((name) => name.toLowerCase() === candidate));
    if (x !== undefined && y !== undefined) return { features: { [feature.name]: x }, labels: { [label.name]: y } };
  }
  return undefined;
}
