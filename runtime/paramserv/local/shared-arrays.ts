import { RunError } from "../../errors.js";
import { maximumBytes, sharedMemory, type WasmMemory } from "../../kernels/web-assembly.js";
import { aligned } from "../../program/layout.js";
import type { VariableBuffer } from "../../program/types.js";

/** What the shared memory of a run holds. Lengths count floats. */
export interface MemoryPlan extends Pick<VariableBuffer, "trained" | "pushed" | "size"> {
  readonly workers: number;
  /** Arrays that the optimizer keeps, each as long as the trained part. */
  readonly slots: number;
  /** Whether there is a copy of the weights for validation. */
  readonly snapshot: boolean;
  /** Whether workers step a copy of the model of their own between two pushes. */
  readonly localSteps: boolean;
  /** Of each worker's scratch for one row of a dropout mask. */
  readonly mask: number;
}

/** What belongs to one worker; others read its push when that is applied. */
export interface WorkerArrays {
  /** Gradients, then the next state. */
  readonly pushed: Float32Array;
  readonly mask: Float32Array;
  /** Its own copy of what is trained, where workers step between two pushes. */
  readonly local?: {
    readonly weights: Float32Array;
    readonly slots: readonly Float32Array[];
    readonly gradients: Float32Array;
  };
}

/** The arrays of a run, all views of one memory, each on a cache line of its own. */
export interface SharedArrays {
  readonly weights: Float32Array;
  readonly slots: readonly Float32Array[];
  readonly snapshot?: Float32Array;
  readonly workers: readonly WorkerArrays[];
}

/**
 * Reserves the memory of a run, all zero.
 *
 * @throws RunError PARAMSERV_MEMORY_EXCEEDED
 */
export function allocate(plan: MemoryPlan): WasmMemory {
  const bytes = layOut(undefined, plan).bytes;
  const need = `${plan.workers} workers and a model of ${plan.size} floats need ${Math.ceil(bytes / 2 ** 20)} MiB of shared memory`;
  const hint = "use fewer workers (k), or an optimizer with less state";
  if (bytes > maximumBytes) {
    const message = `${need}; there can be ${maximumBytes / 2 ** 20} MiB`;
    throw new RunError({ code: "PARAMSERV_MEMORY_EXCEEDED", message, hint });
  }
  try {
    return sharedMemory(bytes);
  } catch (cause) {
    const message = `${need}; the machine does not have as much`;
    throw new RunError({ code: "PARAMSERV_MEMORY_EXCEEDED", message, hint }, { cause });
  }
}

/** The arrays of a memory that {@link allocate} reserved by the same plan, on any thread. */
export function viewArrays(memory: WasmMemory, plan: MemoryPlan): SharedArrays {
  return layOut(memory, plan).arrays;
}

/** Places all arrays one after another; without a memory only the bytes are counted. */
function layOut(
  memory: WasmMemory | undefined,
  plan: MemoryPlan,
): { readonly arrays: SharedArrays; readonly bytes: number } {
  let bytes = 0;
  const array = (length: number): Float32Array => {
    const offset = bytes;
    bytes += aligned(length) * Float32Array.BYTES_PER_ELEMENT;
    return memory === undefined ? new Float32Array(0) : new Float32Array(memory.buffer, offset, length);
  };
  const model = () => array(plan.size);
  const trained = () => array(plan.trained);
  const slots = () => Array.from({ length: plan.slots }, trained);
  const arrays: SharedArrays = {
    weights: model(),
    slots: slots(),
    ...(plan.snapshot && { snapshot: model() }),
    workers: Array.from({ length: plan.workers }, (): WorkerArrays => {
      const own = { pushed: array(plan.pushed), mask: array(plan.mask) };
      return plan.localSteps ? { ...own, local: { weights: trained(), slots: slots(), gradients: trained() } } : own;
    }),
  };
  return { arrays, bytes };
}
