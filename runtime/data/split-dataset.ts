import { type Random, random } from "../random.js";
import { takeDataset } from "./gather.js";
import { dataError } from "./problem-list.js";
import { isStored } from "./stored-column.js";
import { type Dataset, rowsOf } from "./types.js";

export interface SplitDatasetOptions {
  /** Share of the rows for validation, between 0 and 1: ⌈share · rows⌉ of them, at least one and not all. Default 0.2. */
  readonly validation?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Keep the shares of the classes of the first label in both parts. Default: true; targets have no classes. */
  readonly stratify?: boolean;
}

export interface DatasetSplit {
  readonly train: Dataset;
  readonly validation: Dataset;
}

/**
 * Splits rows at random, reproducibly: the same seed gives the same rows in the same order. Row counts are those of
 * scikit-learn's `train_test_split`; unlike there, a class with a single row is allowed.
 */
export function splitDataset(dataset: Dataset, options: SplitDatasetOptions = {}): DatasetSplit {
  const { validation: share = 0.2, seed = 0 } = options;
  const rows = rowsOf(dataset);
  if (!(share > 0 && share < 1)) {
    throw dataError("DATA_OPTION_INVALID", `the validation share is ${share}, expected a number between 0 and 1`);
  }
  if (rows < 2) throw dataError("DATA_EMPTY", `the data have ${rows} rows, expected at least 2 to split them`);
  const count = Math.min(Math.max(Math.ceil(share * rows), 1), rows - 1);
  const generator = random(seed, "split");
  const order = generator.permutation(rows);
  const classes = classLabels(dataset);
  const stratify = (options.stratify ?? true) && classes !== undefined;
  const chosen = stratify ? chooseStratified({ order, classes, count, generator }) : order.subarray(0, count);
  const held = new Uint8Array(rows);
  for (const row of chosen) held[row] = 1;
  // Both parts keep the random order, so that contiguous partitions of sorted data are mixed too.
  return {
    train: takeDataset(dataset, Int32Array.from(order.filter((row) => held[row] === 0))),
    validation: takeDataset(dataset, Int32Array.from(order.filter((row) => held[row] === 1))),
  };
}

/** The first column of labels that are one class number a row. */
function classLabels({ labels }: Dataset): Int32Array | undefined {
  for (const column of Object.values(labels)) {
    if (!isStored(column) && column.data instanceof Int32Array && column.shape.length === 1) return column.data;
  }
  return undefined;
}

interface Choice {
  /** All rows, in random order. */
  readonly order: Uint32Array;
  readonly classes: Int32Array;
  readonly count: number;
  readonly generator: Random;
}

/** `count` rows of which each class has its share, rounded by largest remainder; equal remainders in random order. */
function chooseStratified({ order, classes, count, generator }: Choice): number[] {
  const groups = groupByClass(order, classes);
  const keys = [...groups.keys()].sort((a, b) => a - b);
  const ties = generator.permutation(keys.length);
  const shares = keys.map((key, index) => {
    const members = groups.get(key) ?? [];
    const exact = (members.length * count) / order.length;
    return { members, taken: Math.floor(exact), remainder: exact - Math.floor(exact), tie: ties[index] ?? 0 };
  });
  let missing = count - shares.reduce((sum, { taken }) => sum + taken, 0);
  for (const share of shares.toSorted((a, b) => b.remainder - a.remainder || a.tie - b.tie)) {
    if (missing === 0) break;
    share.taken += 1;
    missing -= 1;
  }
  return shares.flatMap(({ members, taken }) => members.slice(0, taken));
}

function groupByClass(order: Uint32Array, classes: Int32Array): ReadonlyMap<number, readonly number[]> {
  const groups = new Map<number, number[]>();
  for (const row of order) {
    const label = classes[row] ?? 0;
    const members = groups.get(label);
    if (members === undefined) groups.set(label, [row]);
    else members.push(row);
  }
  return groups;
}
