export { type ArrayDataset, loadInMemory } from "./in-memory.js";
export { type PartitionScheme, partition, partitionSchemes } from "./partition.js";
export type { InputPreparation, Preparation } from "./preparation.js";
export { type PreparedDataset, type PrepareOptions, prepareDataset } from "./prepare-dataset.js";
export { type LoadedDataset, type ReadDatasetOptions, readDataset } from "./read-dataset.js";
export type { DataShapes, InputShape, LabelShape } from "./shapes.js";
export type { ReadProgress } from "./source.js";
export { type DatasetSplit, type SplitDatasetOptions, splitDataset } from "./split-dataset.js";
export type { StoredColumn } from "./stored-column.js";
export {
  type ClassNames,
  type Column,
  type Columns,
  type DataColumns,
  type DataOrigin,
  type Dataset,
  type NDArray,
  rowsOf,
} from "./types.js";
