import { totalmem } from "node:os";
import { RunError } from "../../errors.js";
import { maximumBytes, sharedMemory, type WasmMemory } from "../../kernels/web-assembly.js";
import type { Span } from "../../optimizers/plan.js";
import { aligned } from "../../program/layout.js";
import {
  chunksIn,
  densityOf,
  longest,
  longestSlot,
  type MemoryPlan,
  overhead,
  shardRanges,
  slotRanges,
} from "./plan.js";

/** A model with what its optimizer keeps; of a shard, the parts that lie in its range. */
export interface ModelArrays {
  readonly weights: Float32Array;
  readonly slots: readonly Float32Array[];
}

/** Where a chunk is made before it is committed. */
export interface Scratch extends ModelArrays {
  readonly gradients: Float32Array;
}

/** The arrays of one range of the flat buffer, all views of one memory, each on a cache line of its own. */
export interface Shard extends Span, ModelArrays {
  /** Of the range, how much is trained: where gradients end. */
  readonly trained: number;
  /** Which part of each of the optimizer's slots it holds. */
  readonly slotRanges: readonly Span[];
  /** By slot of work: gradients, or with `modelAvg` weights and the optimizer's slots; then the next state. */
  readonly pushes: readonly ModelArrays[];
  /** A copy of the weights, for validations and checkpoints. */
  readonly captured?: ModelArrays;
  /** By slot of work: the copy that local steps change. */
  readonly local?: readonly Scratch[];
  /** The whole next model, before it is committed. */
  readonly candidate?: Float32Array;
  /** By part of an update. */
  readonly scratch: readonly Scratch[];
  /** By worker: one row of a dropout mask. */
  readonly masks: readonly Float32Array[];
}

/** The memories of a run, one a shard, and their ranges. Plain data that goes to threads. */
export interface SharedModel {
  readonly plan: MemoryPlan;
  readonly ranges: readonly Span[];
  readonly memories: readonly WasmMemory[];
}

/** Bytes of one shard at most, unless told: half of what WebAssembly can address, so that no piece is too large for it. */
const shardBytes = maximumBytes / 2;

/**
 * Reserves the memory of a run, all zero: one shard, or several where one memory cannot hold all.
 *
 * @param limit bytes of one shard
 * @throws RunError PARAMSERV_MEMORY_EXCEEDED
 */
export function allocate(plan: MemoryPlan, limit = shardBytes): SharedModel {
  const ranges = shardRanges(plan, limit / Float32Array.BYTES_PER_ELEMENT);
  const sizes = ranges.map((range) => layOut(undefined, plan, range).bytes);
  const all = sizes.reduce((sum, bytes) => sum + bytes, 0);
  const need = `${plan.workers} workers and a model of ${plan.size} floats need ${Math.ceil(all / 2 ** 20)} MiB of shared memory`;
  const hint = "use fewer workers (k), or an optimizer with less state";
  if (Math.max(...sizes) > maximumBytes) {
    const message = `${need}, and one piece ${Math.ceil(Math.max(...sizes) / 2 ** 20)} MiB; a piece can have ${maximumBytes / 2 ** 20} MiB`;
    throw new RunError({ code: "PARAMSERV_MEMORY_EXCEEDED", message, hint });
  }
  // Systems promise memory that they do not have, and kill the process that uses it.
  if (all > totalmem()) {
    const message = `${need}; the machine has ${Math.floor(totalmem() / 2 ** 20)} MiB`;
    throw new RunError({ code: "PARAMSERV_MEMORY_EXCEEDED", message, hint });
  }
  try {
    return { plan, ranges, memories: sizes.map(sharedMemory) };
  } catch (cause) {
    const message = `${need}; the machine does not have as much`;
    throw new RunError({ code: "PARAMSERV_MEMORY_EXCEEDED", message, hint }, { cause });
  }
}

/** The shards of memories that {@link allocate} reserved, on any thread. */
export function viewShards({ plan, ranges, memories }: SharedModel): readonly Shard[] {
  return ranges.map((range, index) => layOut(memories[index], plan, range).shard);
}

/** Bytes of shared memory that a run needs, about: for choosing how many workers there can be. */
export function estimateBytes(plan: MemoryPlan): number {
  const { trained, state, frozen } = densityOf(plan);
  const floats =
    plan.trained * trained + (plan.pushed - plan.trained) * state + (plan.size - plan.pushed) * frozen + overhead(plan);
  return floats * Float32Array.BYTES_PER_ELEMENT;
}

/** Places all arrays of a shard one after another; without a memory only the bytes are counted. */
function layOut(
  memory: WasmMemory | undefined,
  plan: MemoryPlan,
  { start, end }: Span,
): { readonly shard: Shard; readonly bytes: number } {
  let bytes = 0;
  const array = (length: number): Float32Array => {
    const offset = bytes;
    bytes += aligned(length) * Float32Array.BYTES_PER_ELEMENT;
    return memory === undefined ? new Float32Array(0) : new Float32Array(memory.buffer, offset, length);
  };
  const several = <T>(count: number, make: () => T): readonly T[] => Array.from({ length: count }, make);
  const size = end - start;
  const trained = Math.max(0, Math.min(end, plan.trained) - start);
  const pushed = Math.max(0, Math.min(end, plan.pushed) - start);
  const ranges = slotRanges(plan, { start, end });
  const slots = () => ranges.map((range) => array(range.end - range.start));
  // Of its own chunks: one long variable needs long scratch in its own shard alone.
  const chunks = chunksIn(plan.chunks, { start, end });
  const most = longest(chunks);
  const model = { weights: array(size), slots: slots() };
  const { weights: weightsCaptured, slots: slotsCaptured } = plan.capture;
  const shard: Shard = {
    ...{ start, end, trained, slotRanges: ranges, ...model },
    pushes: several(plan.workers, () => ({ weights: array(pushed), slots: plan.models ? slots() : [] })),
    ...(weightsCaptured && { captured: { weights: array(size), slots: slotsCaptured ? slots() : [] } }),
    ...(plan.localSteps && {
      local: several(plan.workers, () => ({ weights: array(trained), slots: slots(), gradients: array(trained) })),
    }),
    ...(plan.candidate && { candidate: array(pushed) }),
    scratch: several(plan.workers, () => ({
      gradients: array(most),
      weights: array(most),
      slots: ranges.map((_, slot) => array(longestSlot(chunks, slot))),
    })),
    masks: several(start === 0 ? plan.workers : 0, () => array(plan.mask)),
  };
  return { shard, bytes };
}
