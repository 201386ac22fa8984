import type { NDArray } from "../array.js";

export type { NDArray } from "../array.js";

/** Arrays by column name; axis 0 counts the rows and is as long in all of them. */
export type Columns = Readonly<Record<string, NDArray>>;

/** Rows to learn from. Columns bear the names of the program's feeds. */
export interface Dataset {
  readonly features: Columns;
  readonly labels: Columns;
}

/** How many rows a dataset has. */
export function rowsOf({ features, labels }: Dataset): number {
  const [first] = [...Object.values(features), ...Object.values(labels)];
  return first?.shape[0] ?? 0;
}
