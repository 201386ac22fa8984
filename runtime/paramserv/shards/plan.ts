import type { Span } from "../../optimizers/plan.js";
import { aligned, alignment } from "../../program/layout.js";
import type { VariableBuffer } from "../../program/types.js";
import type { Chunk } from "./chunks.js";

/** What the shared memory of a run holds. */
export interface MemoryPlan extends Pick<VariableBuffer, "trained" | "pushed" | "size"> {
  readonly chunks: readonly Chunk[];
  /** Slots of work: each has a place for a push. */
  readonly workers: number;
  /** Arrays that the optimizer keeps; each chunk has its part of each. */
  readonly slots: number;
  /** Whether pushes carry models with the optimizer's slots, not gradients (`modelAvg`). */
  readonly models: boolean;
  /** Whether there is room for a captured copy of the weights, and of the optimizer's slots. */
  readonly capture: { readonly weights: boolean; readonly slots: boolean };
  /** Whether workers step a copy of the model of their own between two pushes. */
  readonly localSteps: boolean;
  /** Whether the whole next model lies ready before any of it is committed: a user function makes it. */
  readonly candidate: boolean;
  /** Floats of each worker's scratch for one row of a dropout mask. */
  readonly mask: number;
}

/** Floats a shard needs for each float of its range, by the part of the buffer that the range is in. */
export interface Density {
  readonly trained: number;
  readonly state: number;
  readonly frozen: number;
}

/** How many floats of shared memory a float of the model takes. */
export function densityOf(plan: Omit<MemoryPlan, "chunks">): Density {
  const { workers, slots, models, capture, localSteps, candidate } = plan;
  const copies = Number(capture.weights) + Number(candidate);
  const local = localSteps ? 2 + slots : 0;
  return {
    trained: 1 + slots + copies + (capture.slots ? slots : 0) + workers * (1 + (models ? slots : 0) + local),
    state: 1 + copies + workers,
    frozen: 1 + Number(capture.weights),
  };
}

/** Floats that need no range, at most: scratch for a chunk in each part, and masks. */
export function overhead({ chunks, workers, slots, mask }: MemoryPlan): number {
  const ofSlots = Array.from({ length: slots }, (_, slot) => longestSlot(chunks, slot) + alignment);
  const scratch = ofSlots.reduce((sum, floats) => sum + floats, 2 * (longest(chunks) + alignment));
  return workers * (scratch + mask + alignment);
}

/** The chunks of a range. */
export function chunksIn(chunks: readonly Chunk[], { start, end }: Span): readonly Chunk[] {
  return chunks.filter((chunk) => chunk.start >= start && chunk.start < end);
}

/** What a range holds of each of the optimizer's slots: the parts of its chunks, to the end of the line of the last. */
export function slotRanges({ chunks, slots }: MemoryPlan, range: Span): readonly Span[] {
  const inside = chunksIn(chunks, range).filter(({ role }) => role === "trained");
  return Array.from({ length: slots }, (_, slot) => {
    const spans = inside.map((chunk) => chunk.slots[slot] ?? { start: 0, end: 0 });
    return { start: spans[0]?.start ?? 0, end: aligned(spans.at(-1)?.end ?? 0) };
  });
}

/** Floats of the longest part of a slot that a chunk has. */
export function longestSlot(chunks: readonly Chunk[], slot: number): number {
  return chunks.reduce((most, { slots }) => Math.max(most, (slots[slot]?.end ?? 0) - (slots[slot]?.start ?? 0)), 0);
}

/** Floats of the longest chunk. */
export function longest(chunks: readonly Chunk[]): number {
  return chunks.reduce((most, { start, end }) => Math.max(most, end - start), 0);
}

/**
 * Cuts the flat buffer into ranges of at most `floats` floats of shared memory each. Cuts lie where chunks begin, so a
 * chunk is in one shard; frozen variables are cut anywhere.
 */
export function shardRanges(plan: MemoryPlan, floats: number): readonly Span[] {
  const density = densityOf(plan);
  const cuts = [...plan.chunks.map(({ start }) => start), plan.pushed];
  const room = Math.max(1, floats - overhead(plan));
  const ranges: Span[] = [];
  let start = 0;
  let used = 0;
  const costOf = (from: number, to: number): number => {
    const part = (least: number, most: number) => Math.max(0, Math.min(to, most) - Math.max(from, least));
    return (
      part(0, plan.trained) * density.trained +
      part(plan.trained, plan.pushed) * density.state +
      part(plan.pushed, plan.size) * density.frozen
    );
  };
  const close = (end: number): void => {
    if (end > start) ranges.push({ start, end });
    start = end;
    used = 0;
  };
  const pieces = [
    ...cuts.filter((cut, index) => cut > 0 && cut !== cuts[index - 1]),
    ...frozenCuts(plan, room, density),
  ];
  let at = 0;
  for (const piece of [...pieces, plan.size]) {
    if (piece <= at) continue;
    const cost = costOf(at, piece);
    if (used > 0 && used + cost > room) close(at);
    used += cost;
    at = piece;
  }
  close(plan.size);
  return ranges;
}

/** Frozen variables need no chunks: they are cut so that each piece fills a shard at most. */
function frozenCuts({ pushed, size }: MemoryPlan, room: number, { frozen }: Density): readonly number[] {
  const step = Math.max(alignment, Math.floor(room / frozen / alignment) * alignment);
  const cuts: number[] = [];
  for (let at = pushed + step; at < size; at += step) cuts.push(at);
  return cuts;
}
