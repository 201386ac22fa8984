import type {
  AdadeltaStep,
  AdagradStep,
  AdaptiveKernels,
  CenteredStep,
  FtrlStep,
  RmspropStep,
} from "./adaptive-kernels.js";
import { at, mix, root } from "./reference-arithmetic.js";

const { fround } = Math;

export const adaptiveReference: AdaptiveKernels = { adagrad, rmsprop, rmspropCentered, adadelta, ftrl };

function adagrad({ weights, gradients, sum, ...step }: AdagradStep): void {
  const rate = fround(step.rate);
  for (let i = 0; i < weights.length; i++) {
    const g = at(gradients, i);
    const a = fround(at(sum, i) + fround(g * g));
    sum[i] = a;
    weights[i] = at(weights, i) - fround(fround(rate * g) / divisor(a, step));
  }
}

/** √(x + inside) + outside */
function divisor(x: number, { inside, outside }: { readonly inside: number; readonly outside: number }): number {
  return fround(root(fround(x + fround(inside))) + fround(outside));
}

function rmsprop({ gradients, square, ...step }: RmspropStep): void {
  for (let i = 0; i < gradients.length; i++) {
    const g = at(gradients, i);
    const v = mix(step.rho, at(square, i), fround(g * g));
    square[i] = v;
    gradients[i] = g / divisor(v, step);
  }
}

function rmspropCentered({ gradients, square, mean, ...step }: CenteredStep): void {
  for (let i = 0; i < gradients.length; i++) {
    const g = at(gradients, i);
    const v = mix(step.rho, at(square, i), fround(g * g));
    const m = mix(step.rho, at(mean, i), g);
    square[i] = v;
    mean[i] = m;
    // Rounding may bring a variance of zero below it.
    const variance = Math.max(fround(v - fround(m * m)), 0);
    gradients[i] = g / divisor(variance, step);
  }
}

function adadelta({ weights, gradients, square, steps, rho, ...step }: AdadeltaStep): void {
  const [rate, epsilon] = [fround(step.rate), fround(step.epsilon)];
  for (let i = 0; i < weights.length; i++) {
    const g = at(gradients, i);
    const a = mix(rho, at(square, i), fround(g * g));
    const d = at(steps, i);
    const x = fround(fround(root(fround(d + epsilon)) / root(fround(a + epsilon))) * g);
    square[i] = a;
    steps[i] = mix(rho, d, fround(x * x));
    weights[i] = at(weights, i) - fround(rate * x);
  }
}

function ftrl({ weights, gradients, sum, linear, ...step }: FtrlStep): void {
  const [rate, l1, l2, shrinkage] = [fround(step.rate), fround(step.l1), fround(step.l2), fround(step.shrinkage)];
  for (let i = 0; i < weights.length; i++) {
    const g = at(gradients, i);
    const w = at(weights, i);
    const n = at(sum, i);
    const next = fround(n + fround(g * g));
    const pull = fround(fround(fround(root(next) - root(n)) / rate) * w);
    const z = fround(at(linear, i) + fround(fround(g + fround(shrinkage * w)) - pull));
    sum[i] = next;
    linear[i] = z;
    const clipped = Math.min(Math.max(z, -l1), l1);
    weights[i] = fround(clipped - z) / fround(fround(root(next) / rate) + l2);
  }
}
