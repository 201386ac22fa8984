export { type Best, type BestRule, isBetter, parseBest } from "./best.js";
export { type DataRecord, fingerprintRows, type RowsRecord } from "./fingerprint.js";
export { type CheckpointFrequency, type Checkpointing, checkpointFrequency } from "./frequency.js";
export type { CheckpointManifest, Means, RunIdentity } from "./manifest.js";
export { checkpointFolder, checkpointsIn, slotPrefix } from "./names.js";
export { type OpenCheckpoints, type OpenOptions, openCheckpoints } from "./open.js";
export { type LoadedCheckpoint, loadCheckpoint } from "./read-checkpoint.js";
export { CheckpointStore, defaultKeep, type StoreOptions } from "./store.js";
export type { Arrays, Snapshot } from "./write-checkpoint.js";
