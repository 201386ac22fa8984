/** Steps of optimizers that keep running means: m' = β₁m + (1 − β₁)g, v' = β₂v + (1 − β₂)g². */
export interface MomentKernels {
  /** w = w − rate · m' / (√v' · scale + epsilon) */
  adam(step: AdamStep): void;
  /** x' = max(x, v'); w = w − rate · m' / (√x' · scale + epsilon) */
  amsgrad(step: AmsgradStep): void;
  /** u' = max(β₂u, |g| + inside); w = w − rate · m' / (u' + outside) */
  adamax(step: AdamaxStep): void;
  /** w = w − (rateMean · m' + rateGradient · g) / (√v' · scale + epsilon) */
  nadam(step: NadamStep): void;
  /** w = w − rate · sign(β₁m + (1 − β₁)g); m' = β₂m + (1 − β₂)g. What is no number stays so. */
  lion(step: LionStep): void;
  /** w = w − rate · u with u = correction · m' / (√v' · scale + epsilon) + decay · w */
  lamb(step: LambStep): void;
  /** Σ u² of {@link lamb} for gradients clipped as by `clip`, in four sums of float64; changes nothing. */
  lambSquares(step: LambSquares): number;
}

interface Means {
  readonly weights: Float32Array;
  readonly gradients: Float32Array;
  /** m */
  readonly mean: Float32Array;
  readonly beta1: number;
  readonly beta2: number;
}

interface TwoMeans extends Means {
  /** v */
  readonly square: Float32Array;
  readonly scale: number;
  readonly epsilon: number;
}

export interface AdamStep extends TwoMeans {
  readonly rate: number;
}

export interface AmsgradStep extends AdamStep {
  /** x */
  readonly largest: Float32Array;
}

export interface AdamaxStep extends Means {
  /** u */
  readonly largest: Float32Array;
  readonly rate: number;
  readonly inside: number;
  readonly outside: number;
}

export interface NadamStep extends TwoMeans {
  readonly rateMean: number;
  readonly rateGradient: number;
}

export interface LionStep extends Means {
  readonly rate: number;
}

interface LambDirection extends TwoMeans {
  readonly correction: number;
  readonly decay: number;
}

export interface LambStep extends LambDirection {
  readonly rate: number;
}

export interface LambSquares extends LambDirection {
  /** Gradients are multiplied by `shrink`, then kept within ±`limit`. */
  readonly shrink: number;
  readonly limit: number;
}
