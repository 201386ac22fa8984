import type { Shard } from "./memory.js";

/** Copies the weights of all shards into one flat array, up to `end`. */
export function readWeights(shards: readonly Shard[], into: Float32Array, end = into.length): void {
  for (const { start, weights } of shards) {
    if (start >= end) continue;
    into.set(weights.subarray(0, end - start), start);
  }
}

/** Copies the captured weights of all shards into one flat array. */
export function readCaptured(shards: readonly Shard[], into: Float32Array): void {
  for (const { start, captured } of shards) if (captured !== undefined) into.set(captured.weights, start);
}

/** Writes flat weights to all shards. */
export function writeWeights(shards: readonly Shard[], from: Float32Array): void {
  for (const { start, end, weights } of shards) weights.set(from.subarray(start, end));
}

/** What lies ready for an update of a slot of work, from a flat push. */
export function writePush(shards: readonly Shard[], slot: number, pushed: Float32Array): void {
  for (const { start, pushes } of shards) {
    const into = pushes[slot]?.weights;
    into?.set(pushed.subarray(start, start + into.length));
  }
}
