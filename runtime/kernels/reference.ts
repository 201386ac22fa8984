import { type Kernels, keepThreshold, type MaskFill, type MomentumStep, type SgdStep } from "./kernels.js";
import { adaptiveReference } from "./reference-adaptive.js";
import { at } from "./reference-arithmetic.js";
import { gradientReference } from "./reference-gradients.js";
import { momentReference } from "./reference-moments.js";
import { threefry } from "./threefry.js";

const { fround } = Math;

/** The kernels in plain JavaScript: what they mean, on any arrays. */
export const reference: Kernels = {
  scale,
  accumulate,
  sgd,
  sgdMomentum,
  mask,
  ...gradientReference,
  ...momentReference,
  ...adaptiveReference,
};

function scale(out: Float32Array, values: Float32Array, weight: number): void {
  const w = fround(weight);
  for (let i = 0; i < out.length; i++) out[i] = w * at(values, i);
}

function accumulate(out: Float32Array, values: Float32Array, weight: number): void {
  const w = fround(weight);
  for (let i = 0; i < out.length; i++) out[i] = at(out, i) + fround(w * at(values, i));
}

function sgd(step: SgdStep): void {
  const { weights } = step;
  const rate = fround(step.rate);
  for (let i = 0; i < weights.length; i++) weights[i] = at(weights, i) - fround(rate * penalised(step, i));
}

function sgdMomentum(step: MomentumStep): void {
  const { weights, history, nesterov } = step;
  const rate = fround(step.rate);
  const momentum = fround(step.momentum);
  const momentumPlusOne = fround(1 + momentum);
  for (let i = 0; i < weights.length; i++) {
    const kept = fround(momentum * at(history, i));
    const next = fround(kept + fround(rate * penalised(step, i)));
    history[i] = next;
    weights[i] = at(weights, i) - (nesterov ? fround(fround(momentumPlusOne * next) - kept) : next);
  }
}

function mask({ out, key, stream, rate }: MaskFill): void {
  const threshold = keepThreshold(rate);
  const kept = fround(1 / (1 - rate));
  for (let i = 0; i < out.length; i++) {
    // Eight elements take four counters, first words first: the lanes of the SIMD kernel.
    const words = threefry(key, [stream, (i >>> 3) * 4 + (i & 3)]);
    out[i] = words[(i & 4) >>> 2 === 0 ? 0 : 1] < threshold ? kept : 0;
  }
}

function penalised({ weights, gradients, decay, penalty }: SgdStep, i: number): number {
  const g = at(gradients, i);
  if (penalty === "none") return g;
  const w = at(weights, i);
  // sign(0) is 0, as in Caffe's caffe_cpu_sign.
  const r = penalty === "L2" ? w : Number(w > 0) - Number(w < 0);
  return fround(g + fround(fround(decay) * r));
}
