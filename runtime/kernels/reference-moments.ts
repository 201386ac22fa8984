import type {
  AdamaxStep,
  AdamStep,
  AmsgradStep,
  LambSquares,
  LambStep,
  LionStep,
  MomentKernels,
  NadamStep,
} from "./moment-kernels.js";
import { at, mix, root, squares } from "./reference-arithmetic.js";

const { fround } = Math;

export const momentReference: MomentKernels = { adam, amsgrad, adamax, nadam, lion, lamb, lambSquares };

function adam(step: AdamStep): void {
  adamLoop(step);
}

function amsgrad(step: AmsgradStep): void {
  adamLoop(step, step.largest);
}

function adamLoop({ weights, gradients, mean, square, ...step }: AdamStep, largest?: Float32Array): void {
  const rate = fround(step.rate);
  for (let i = 0; i < weights.length; i++) {
    const g = at(gradients, i);
    const m = mix(step.beta1, at(mean, i), g);
    const v = mix(step.beta2, at(square, i), fround(g * g));
    mean[i] = m;
    square[i] = v;
    const x = largest === undefined ? v : Math.max(at(largest, i), v);
    if (largest !== undefined) largest[i] = x;
    weights[i] = at(weights, i) - fround(fround(rate * m) / divisor(x, step));
  }
}

/** √x · scale + epsilon */
function divisor(x: number, { scale, epsilon }: { readonly scale: number; readonly epsilon: number }): number {
  return fround(fround(root(x) * fround(scale)) + fround(epsilon));
}

function adamax({ weights, gradients, mean, largest, beta1, ...step }: AdamaxStep): void {
  const [rate, beta2] = [fround(step.rate), fround(step.beta2)];
  const [inside, outside] = [fround(step.inside), fround(step.outside)];
  for (let i = 0; i < weights.length; i++) {
    const g = at(gradients, i);
    const m = mix(beta1, at(mean, i), g);
    const u = Math.max(fround(beta2 * at(largest, i)), fround(Math.abs(g) + inside));
    mean[i] = m;
    largest[i] = u;
    weights[i] = at(weights, i) - fround(fround(rate * m) / fround(u + outside));
  }
}

function nadam({ weights, gradients, mean, square, beta1, beta2, ...step }: NadamStep): void {
  const [rateMean, rateGradient] = [fround(step.rateMean), fround(step.rateGradient)];
  for (let i = 0; i < weights.length; i++) {
    const g = at(gradients, i);
    const m = mix(beta1, at(mean, i), g);
    const v = mix(beta2, at(square, i), fround(g * g));
    mean[i] = m;
    square[i] = v;
    const ahead = fround(fround(rateMean * m) + fround(rateGradient * g));
    weights[i] = at(weights, i) - fround(ahead / divisor(v, step));
  }
}

function lion({ weights, gradients, mean, beta1, beta2, ...step }: LionStep): void {
  const rate = fround(step.rate);
  for (let i = 0; i < weights.length; i++) {
    const g = at(gradients, i);
    const m = at(mean, i);
    const ahead = mix(beta1, m, g);
    const sign = Number.isNaN(ahead) ? ahead : Number(ahead > 0) - Number(ahead < 0);
    weights[i] = at(weights, i) - fround(rate * sign);
    mean[i] = mix(beta2, m, g);
  }
}

function lamb({ weights, gradients, mean, square, beta1, beta2, ...step }: LambStep): void {
  const rate = fround(step.rate);
  for (let i = 0; i < weights.length; i++) {
    const g = at(gradients, i);
    const m = mix(beta1, at(mean, i), g);
    const v = mix(beta2, at(square, i), fround(g * g));
    mean[i] = m;
    square[i] = v;
    weights[i] = at(weights, i) - fround(rate * direction(at(weights, i), m, v, step));
  }
}

function lambSquares({ weights, gradients, mean, square, beta1, beta2, ...step }: LambSquares): number {
  const [shrink, limit] = [fround(step.shrink), fround(step.limit)];
  return squares(weights.length, (i) => {
    const g = Math.min(Math.max(fround(shrink * at(gradients, i)), -limit), limit);
    const m = mix(beta1, at(mean, i), g);
    const v = mix(beta2, at(square, i), fround(g * g));
    return direction(at(weights, i), m, v, step);
  });
}

type Direction = Pick<LambStep, "correction" | "scale" | "epsilon" | "decay">;

/** LAMB's direction before its length is known. */
function direction(w: number, m: number, v: number, step: Direction): number {
  const adapted = fround(fround(fround(step.correction) * m) / divisor(v, step));
  return fround(adapted + fround(fround(step.decay) * w));
}
