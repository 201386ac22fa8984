import { sizeOf } from "../../shape.js";
import { dtypeOf } from "../stored-column.js";
import type { Columns, DataColumns, Dataset } from "../types.js";
import type { BatchArray } from "./column-assembler.js";

/** Rows for one step. The arrays are overwritten by the next batch. */
export interface RowBatch {
  /** Row numbers in the dataset. */
  readonly rows: Int32Array;
  readonly features: Columns;
  readonly labels: Columns;
}

/** What a batch is made of: the same rows in the same epoch are the same numbers. */
export interface BatchRequest {
  readonly rows: Int32Array;
  /** From 0; images are changed anew in each. */
  readonly epoch: number;
}

/** One column of batches. */
export interface BatchColumn {
  readonly kind: "features" | "labels";
  readonly name: string;
  readonly dtype: "float32" | "int32";
  /** Of one row. */
  readonly shape: readonly number[];
  /** Values of one row. */
  readonly length: number;
}

/** The columns of batches of a dataset, in the order of their arrays. */
export function batchColumns({ features, labels }: Pick<Dataset, "features" | "labels">): readonly BatchColumn[] {
  const columnsOf = (kind: BatchColumn["kind"], columns: DataColumns) =>
    Object.entries(columns).map(([name, column]): BatchColumn => {
      const shape = column.shape.slice(1);
      return { kind, name, dtype: dtypeOf(column), shape, length: sizeOf(shape) };
    });
  return [...columnsOf("features", features), ...columnsOf("labels", labels)];
}

/** Arrays for batches of up to `most` rows, in private memory, as an engine takes them. */
export function batchArrays(columns: readonly BatchColumn[], most: number): readonly BatchArray[] {
  return columns.map(({ dtype, length }) =>
    dtype === "int32" ? new Int32Array(most * length) : new Float32Array(most * length),
  );
}

/** The batch that lies at the beginning of arrays. */
export function rowBatch(columns: readonly BatchColumn[], arrays: readonly BatchArray[], rows: Int32Array): RowBatch {
  const of = (kind: BatchColumn["kind"]): Columns =>
    Object.fromEntries(
      columns.flatMap((column, index) => {
        const data = arrays[index]?.subarray(0, rows.length * column.length);
        if (column.kind !== kind || data === undefined) return [];
        return [[column.name, { shape: [rows.length, ...column.shape], data }] as const];
      }),
    );
  return { rows, features: of("features"), labels: of("labels") };
}
