export { type PartitionScheme, partition, partitionSchemes } from "./partition.js";
export { type PreparedDataset, type PrepareOptions, prepareDataset } from "./prepare-dataset.js";
export { type LoadedDataset, type ReadDatasetOptions, readDataset } from "./read-dataset.js";
export type { ReadProgress } from "./source.js";
export { type DatasetSplit, type SplitOptions, splitDataset } from "./split-dataset.js";
export type { Dataset, NDArray } from "./types.js";
