import { chunkLength, type Span, type UpdatePlan } from "../../optimizers/plan.js";
import type { VariableBuffer } from "../../program/types.js";

/**
 * A piece of the trained part or of the state that is joined, stepped and committed at once. Chunks are the same whatever
 * the number of workers and shards, so nothing depends on who makes which.
 */
export interface Chunk extends Span {
  readonly role: "trained" | "state";
  /** Its part of each of the optimizer's slots. */
  readonly slots: readonly Span[];
  /** Its number in the optimizer's plan, where it is trained. */
  readonly step?: number;
}

/** The chunks of an update: those that the optimizer steps, then those of the state. */
export function chunksOf({ trained, pushed }: VariableBuffer, plan: UpdatePlan | undefined): readonly Chunk[] {
  const steps = plan?.chunks.map(
    ({ start, end, slots }, step): Chunk => ({ role: "trained", start, end, slots, step }),
  );
  return [
    ...(steps ?? pieces("trained", { start: 0, end: trained })),
    ...pieces("state", { start: trained, end: pushed }),
  ];
}

function pieces(role: Chunk["role"], { start, end }: Span): readonly Chunk[] {
  return Array.from({ length: Math.ceil((end - start) / chunkLength) }, (_, index) => {
    const at = start + index * chunkLength;
    return { role, start: at, end: Math.min(at + chunkLength, end), slots: [] };
  });
}
