import { sizeOf } from "../shape.js";
import { BatchAssembler } from "./assembly/batch-assembler.js";
import { sharedFloat32, sharedInt32 } from "./shared.js";
import { checkMemory } from "./source.js";
import { dtypeOf, isStored } from "./stored-column.js";
import type { Column, Columns, DataColumns, Dataset, NDArray } from "./types.js";

/** Values that are made at a time. */
const chunkValues = 1 << 20;

/** A dataset whose columns are all arrays. */
export type ArrayDataset = Dataset & { readonly features: Columns; readonly labels: Columns };

/**
 * Reads all rows of a dataset into arrays in shared memory, as batches would have them. Training does not need it: it takes
 * four bytes a value, where the rows may take one, or lie in a file.
 *
 * @throws RunError DATA_TOO_LARGE for more than the machine has
 */
export async function loadInMemory<Some extends Dataset>(dataset: Some): Promise<Some & ArrayDataset> {
  return { ...dataset, features: await arraysOf(dataset.features), labels: await arraysOf(dataset.labels) };
}

async function arraysOf(columns: DataColumns): Promise<Columns> {
  const arrays: [string, NDArray][] = [];
  for (const [name, column] of Object.entries(columns)) arrays.push([name, await arrayOf(column)]);
  return Object.fromEntries(arrays);
}

async function arrayOf(column: Column): Promise<NDArray> {
  if (!isStored(column)) return column;
  const { shape, title } = column;
  const [rows = 0, ...sample] = shape;
  checkMemory(sizeOf(shape) * 4, title);
  const data = dtypeOf(column) === "int32" ? sharedInt32(sizeOf(shape)) : sharedFloat32(sizeOf(shape));
  const length = sizeOf(sample);
  const most = Math.max(1, Math.floor(chunkValues / Math.max(1, length)));
  const assembler = await BatchAssembler.open({ features: { column }, labels: {} });
  try {
    for (let first = 0; first < rows; first += most) {
      const count = Math.min(most, rows - first);
      const numbers = Int32Array.from({ length: count }, (_, index) => first + index);
      await assembler.assemble({ rows: numbers, epoch: 0 }, [data.subarray(first * length)]);
    }
  } finally {
    await assembler.close();
  }
  return { shape, data };
}
