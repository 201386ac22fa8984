export { parseBest } from "./best.js";
export { fingerprintRows } from "./fingerprint.js";
export type { RunIdentity } from "./manifest.js";
export { type OpenOptions, openCheckpoints } from "./open.js";
export { type LoadedCheckpoint, loadCheckpoint } from "./read-checkpoint.js";
export { CheckpointStore, type StoreOptions } from "./store.js";
export type { Snapshot } from "./write-checkpoint.js";
