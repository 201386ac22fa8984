import { checkpointRows } from "./checkpoint-options.js";
import { dataRows } from "./data-options.js";
import { learningRows } from "./learning-options.js";
import { outputRows } from "./output-options.js";
import type { OptionPlace, RunOptionRow, RunOptionTable } from "./run-row.js";
import { trainingRows } from "./training-options.js";

/**
 * The option table. From it come the flags and the help of `train`, `convert` and of packages, what `train DIR` hands on
 * to a package, the checks of `paramserv()`, the defaults that train.ts prints, and docs/options.md.
 */
export const runOptions = {
  ...dataRows,
  ...trainingRows,
  ...learningRows,
  ...checkpointRows,
  ...outputRows,
} as const satisfies RunOptionTable;

export type RunOptions = typeof runOptions;

/** The rows of those options that can be given at one of the places. */
export type OptionsIn<Table extends RunOptionTable, Place extends OptionPlace> = {
  readonly [Name in keyof Table as Extract<Table[Name]["in"][number], Place> extends never ? never : Name]: Table[Name];
};

/** The part of a table that applies at any of these places, in its order. */
export function optionsIn<const Table extends RunOptionTable, const Place extends OptionPlace>(
  table: Table,
  ...places: readonly Place[]
): OptionsIn<Table, Place> {
  const isHere = (row: RunOptionRow): boolean => row.in.some((place) => places.some((one) => one === place));
  return Object.fromEntries(Object.entries(table).filter(([, row]) => isHere(row))) as unknown as OptionsIn<
    Table,
    Place
  >;
}
