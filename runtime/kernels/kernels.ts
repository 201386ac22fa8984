import type { AdaptiveKernels } from "./adaptive-kernels.js";
import type { GradientKernels } from "./gradient-kernels.js";
import type { MomentKernels } from "./moment-kernels.js";

/** How weight decay enters a gradient: not at all, as decay · w, or as decay · sign(w). */
export type Penalty = "none" | "L2" | "L1";

export interface SgdStep {
  readonly weights: Float32Array;
  readonly gradients: Float32Array;
  readonly rate: number;
  readonly decay: number;
  readonly penalty: Penalty;
}

export interface MomentumStep extends SgdStep {
  readonly history: Float32Array;
  readonly momentum: number;
  readonly nesterov: boolean;
}

/** The 64-bit key of a random stream, as two words. */
export type Key = readonly [number, number];

export interface MaskFill {
  readonly out: Float32Array;
  readonly key: Key;
  /** The high counter word: two streams of one key never share a random word. */
  readonly stream: number;
  /** Share of zeros, 0 ≤ rate < 1; the other entries are 1/(1 − rate). */
  readonly rate: number;
}

/**
 * Element-wise float32 loops, in place. Two implementations, `reference` (any arrays) and WebAssembly SIMD (arrays in its
 * memory), give the same bits; scalars are rounded to float32 first.
 */
export interface Kernels extends GradientKernels, MomentKernels, AdaptiveKernels {
  /** out = weight · values */
  scale(out: Float32Array, values: Float32Array, weight: number): void;
  /** out = out + weight · values */
  accumulate(out: Float32Array, values: Float32Array, weight: number): void;
  /** w = w − rate · g', where g' = g + decay · (0, w or sign(w)). */
  sgd(step: SgdStep): void;
  /** h' = momentum · h + rate · g'; w = w − h', or with Nesterov w = w − ((1 + momentum) · h' − momentum · h). */
  sgdMomentum(step: MomentumStep): void;
  /** Entries 0 with probability `rate`, else 1/(1 − rate), from a counter-based generator: no state, any order. */
  mask(fill: MaskFill): void;
}

/** A random word below this keeps its element; 2³² words are possible. */
export function keepThreshold(rate: number): number {
  return Math.round((1 - rate) * 2 ** 32);
}
