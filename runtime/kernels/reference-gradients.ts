import type {
  ClipStep,
  FactoredMeansStep,
  FactoredStep,
  GradientKernels,
  MomentumOutsideStep,
  PenaltyStep,
} from "./gradient-kernels.js";
import { at, mix, squares } from "./reference-arithmetic.js";

const { fround } = Math;

export const gradientReference: GradientKernels = {
  clip,
  penalise,
  average,
  momentumOutside,
  sumOfSquares,
  factoredMeans,
  factoredDirection,
};

function clip({ gradients, ...step }: ClipStep): void {
  const scale = fround(step.scale);
  const limit = fround(step.limit);
  for (let i = 0; i < gradients.length; i++) {
    gradients[i] = Math.min(Math.max(fround(scale * at(gradients, i)), -limit), limit);
  }
}

function penalise({ gradients, weights, penalty, ...step }: PenaltyStep): void {
  const decay = fround(step.decay);
  for (let i = 0; i < gradients.length; i++) {
    const w = at(weights, i);
    const r = penalty === "L2" ? w : Number(w > 0) - Number(w < 0);
    gradients[i] = at(gradients, i) + fround(decay * r);
  }
}

function average(out: Float32Array, values: Float32Array, momentum: number): void {
  for (let i = 0; i < out.length; i++) out[i] = mix(momentum, at(out, i), at(values, i));
}

function momentumOutside({ weights, gradients, history, nesterov, ...step }: MomentumOutsideStep): void {
  const rate = fround(step.rate);
  const momentum = fround(step.momentum);
  const kept = fround(step.kept);
  for (let i = 0; i < weights.length; i++) {
    const g = at(gradients, i);
    const next = fround(fround(momentum * at(history, i)) + fround(kept * g));
    history[i] = next;
    const ahead = nesterov ? fround(g + fround(momentum * next)) : next;
    weights[i] = at(weights, i) - fround(rate * ahead);
  }
}

function sumOfSquares(values: Float32Array): number {
  return squares(values.length, (i) => at(values, i));
}

function factoredMeans(step: FactoredMeansStep): void {
  const { gradients, rowMeans, columnMeans, matrices, rows, columns, kept, floor } = step;
  for (let matrix = 0; matrix < matrices; matrix++) {
    const first = matrix * rows * columns;
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += at(gradients, first + row * columns + column) ** 2;
      const place = matrix * columns + column;
      columnMeans[place] = mix(kept, at(columnMeans, place), fround(sum / rows + floor));
    }
    for (let row = 0; row < rows; row++) {
      const start = first + row * columns;
      const mean = fround(squares(columns, (i) => at(gradients, start + i)) / columns + floor);
      const place = matrix * rows + row;
      rowMeans[place] = mix(kept, at(rowMeans, place), mean);
    }
  }
}

function factoredDirection({ gradients, rowMeans, columnMeans, matrices, rows, columns }: FactoredStep): void {
  for (let matrix = 0; matrix < matrices; matrix++) {
    const own = rowMeans.subarray(matrix * rows, (matrix + 1) * rows);
    const mean = own.reduce((sum, value) => sum + value, 0) / rows;
    for (const [row, value] of own.entries()) {
      const share = fround(value / mean);
      for (let column = 0; column < columns; column++) {
        const i = (matrix * rows + row) * columns + column;
        const divisor = fround(Math.sqrt(fround(share * at(columnMeans, matrix * columns + column))));
        gradients[i] = at(gradients, i) / divisor;
      }
    }
  }
}
