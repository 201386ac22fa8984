/** Steps of optimizers that divide by the root of accumulated squares. */
export interface AdaptiveKernels {
  /** a' = a + g²; w = w − rate · g / (√(a' + inside) + outside) */
  adagrad(step: AdagradStep): void;
  /** v' = ρv + (1 − ρ)g²; g = g / (√(v' + inside) + outside): the direction takes the gradient's place. */
  rmsprop(step: RmspropStep): void;
  /** As {@link rmsprop}, with max(v' − m'², 0) for v' and m' = ρm + (1 − ρ)g. */
  rmspropCentered(step: CenteredStep): void;
  /** a' = ρa + (1 − ρ)g²; x = √(d + ε) / √(a' + ε) · g; d' = ρd + (1 − ρ)x²; w = w − rate · x */
  adadelta(step: AdadeltaStep): void;
  /**
   * n' = n + g²; z' = z + (g + shrinkage · w − (√n' − √n) / rate · w);
   * w = (min(max(z', −l1), l1) − z') / (√n' / rate + l2)
   */
  ftrl(step: FtrlStep): void;
}

export interface AdagradStep {
  readonly weights: Float32Array;
  readonly gradients: Float32Array;
  readonly sum: Float32Array;
  readonly rate: number;
  readonly inside: number;
  readonly outside: number;
}

export interface RmspropStep {
  readonly gradients: Float32Array;
  readonly square: Float32Array;
  readonly rho: number;
  readonly inside: number;
  readonly outside: number;
}

export interface CenteredStep extends RmspropStep {
  readonly mean: Float32Array;
}

export interface AdadeltaStep {
  readonly weights: Float32Array;
  readonly gradients: Float32Array;
  /** a */
  readonly square: Float32Array;
  /** d */
  readonly steps: Float32Array;
  readonly rho: number;
  readonly epsilon: number;
  readonly rate: number;
}

export interface FtrlStep {
  readonly weights: Float32Array;
  readonly gradients: Float32Array;
  /** n */
  readonly sum: Float32Array;
  /** z */
  readonly linear: Float32Array;
  readonly rate: number;
  readonly l1: number;
  readonly l2: number;
  readonly shrinkage: number;
}
