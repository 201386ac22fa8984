/** What is done to gradients before a step and to weights after it, and sums over them. */
export interface GradientKernels {
  /** g = min(max(scale · g, −limit), limit). */
  clip(step: ClipStep): void;
  /** g = g + decay · (w or sign(w)): weight decay as a part of the gradient. */
  penalise(step: PenaltyStep): void;
  /** out = momentum · out + (1 − momentum) · values: a running mean. */
  average(out: Float32Array, values: Float32Array, momentum: number): void;
  /** h' = momentum · h + kept · g; w = w − rate · h', or with Nesterov w = w − rate · (g + momentum · h'). */
  momentumOutside(step: MomentumOutsideStep): void;
  /**
   * Σ x², in float64. Element i goes to the i mod 4-th of four sums, which are joined as (0 + 1) + (2 + 3): the same bits
   * on every machine.
   */
  sumOfSquares(values: Float32Array): number;
  /** Running means of g² + floor over the rows and over the columns of each matrix, sums in float64. */
  factoredMeans(step: FactoredMeansStep): void;
  /** g = g / √(row / mean of the matrix's rows · column): Adafactor's direction. */
  factoredDirection(step: FactoredStep): void;
}

export interface ClipStep {
  readonly gradients: Float32Array;
  readonly scale: number;
  /** At least 0; Infinity for no limit. */
  readonly limit: number;
}

export interface PenaltyStep {
  readonly gradients: Float32Array;
  readonly weights: Float32Array;
  readonly decay: number;
  readonly penalty: "L2" | "L1";
}

export interface MomentumOutsideStep {
  readonly weights: Float32Array;
  readonly gradients: Float32Array;
  readonly history: Float32Array;
  readonly rate: number;
  readonly momentum: number;
  /** Share of the gradient that enters the history: 1 − dampening. */
  readonly kept: number;
  readonly nesterov: boolean;
}

/** `matrices` matrices of `rows` × `columns` that follow one another. */
export interface FactoredStep {
  readonly gradients: Float32Array;
  /** matrices × rows */
  readonly rowMeans: Float32Array;
  /** matrices × columns */
  readonly columnMeans: Float32Array;
  readonly matrices: number;
  readonly rows: number;
  readonly columns: number;
}

export interface FactoredMeansStep extends FactoredStep {
  /** What stays of the old means, 0 ≤ kept ≤ 1. */
  readonly kept: number;
  readonly floor: number;
}
