import type { ModelArrays, Shard } from "./memory.js";

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

/** A model in flat arrays; see {@link Shard} for how a shard holds its parts. */
export interface FlatModel {
  readonly weights: Float32Array;
  readonly slots: readonly Float32Array[];
}

/**
 * The captured model of all shards in flat arrays: views, where one shard holds all.
 *
 * @param lengths floats of each of the optimizer's slots
 */
export function flatCaptured(shards: readonly Shard[], size: number, lengths: readonly number[]): FlatModel {
  return flatOf(shards, ({ captured }) => captured, { size, lengths });
}

/** The model of all shards in flat arrays: views, where one shard holds all. */
export function flatLive(shards: readonly Shard[], size: number, lengths: readonly number[]): FlatModel {
  return flatOf(shards, (shard) => shard, { size, lengths });
}

function flatOf(
  shards: readonly Shard[],
  take: (shard: Shard) => ModelArrays | undefined,
  { size, lengths }: { readonly size: number; readonly lengths: readonly number[] },
): FlatModel {
  const [only, ...others] = shards;
  const arrays = only && take(only);
  const isWhole = lengths.every((length, slot) => {
    const range = only?.slotRanges[slot];
    return range?.start === 0 && range.end === length;
  });
  if (arrays !== undefined && others.length === 0 && isWhole) return arrays;
  const flat = { weights: new Float32Array(size), slots: lengths.map((length) => new Float32Array(length)) };
  for (const shard of shards) {
    const { weights, slots } = take(shard) ?? { weights: [], slots: [] };
    flat.weights.set(weights, shard.start);
    for (const [slot, part] of slots.entries()) flat.slots[slot]?.set(part, shard.slotRanges[slot]?.start);
  }
  return flat;
}

/** Writes a flat model to all shards. */
export function writeModel(shards: readonly Shard[], { weights, slots }: FlatModel): void {
  for (const shard of shards) {
    shard.weights.set(weights.subarray(shard.start, shard.end));
    for (const [slot, part] of shard.slots.entries()) {
      const { start = 0, end = 0 } = shard.slotRanges[slot] ?? {};
      part.set(slots[slot]?.subarray(start, end) ?? []);
    }
  }
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
