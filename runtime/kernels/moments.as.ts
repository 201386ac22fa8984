// AssemblyScript. Optimizers that keep running means of gradients; what each computes is said in kernels.ts.

// @ts-nocheck

import { get, mix, put, signs, wholeBytes } from "./vector.as";

@inline
function adamPart(
  w: usize, g: usize, m: usize, v: usize, largest: usize, n: i32, keeping: bool,
  b1: v128, r1: v128, b2: v128, r2: v128, rate: v128, scale: v128, epsilon: v128,
): void {
  const gradient = get(g, n);
  const mean = mix(b1, get(m, n), r1, gradient);
  const square = mix(b2, get(v, n), r2, f32x4.mul(gradient, gradient));
  put(m, mean, n);
  put(v, square, n);
  let divisor = square;
  if (keeping) {
    divisor = f32x4.max(get(largest, n), square);
    put(largest, divisor, n);
  }
  const step = f32x4.div(f32x4.mul(rate, mean), f32x4.add(f32x4.mul(f32x4.sqrt(divisor), scale), epsilon));
  put(w, f32x4.sub(get(w, n), step), n);
}

@inline
function adamLoop(
  w: usize, g: usize, m: usize, v: usize, largest: usize, count: i32, keeping: bool,
  beta1: f32, rest1: f32, beta2: f32, rest2: f32, rate: f32, scale: f32, epsilon: f32,
): void {
  const b1 = f32x4.splat(beta1), r1 = f32x4.splat(rest1), b2 = f32x4.splat(beta2), r2 = f32x4.splat(rest2);
  const a = f32x4.splat(rate), s = f32x4.splat(scale), e = f32x4.splat(epsilon);
  const whole = wholeBytes(count);
  let i: usize = 0;
  for (; i < whole; i += 16) {
    adamPart(w + i, g + i, m + i, v + i, largest + i, 4, keeping, b1, r1, b2, r2, a, s, e);
  }
  const n = count & 3;
  if (n) adamPart(w + i, g + i, m + i, v + i, largest + i, n, keeping, b1, r1, b2, r2, a, s, e);
}

export function adam(
  w: usize, g: usize, m: usize, v: usize, count: i32,
  beta1: f32, rest1: f32, beta2: f32, rest2: f32, rate: f32, scale: f32, epsilon: f32,
): void {
  adamLoop(w, g, m, v, 0, count, false, beta1, rest1, beta2, rest2, rate, scale, epsilon);
}

export function amsgrad(
  w: usize, g: usize, m: usize, v: usize, largest: usize, count: i32,
  beta1: f32, rest1: f32, beta2: f32, rest2: f32, rate: f32, scale: f32, epsilon: f32,
): void {
  adamLoop(w, g, m, v, largest, count, true, beta1, rest1, beta2, rest2, rate, scale, epsilon);
}

@inline
function adamaxPart(
  w: usize, g: usize, m: usize, u: usize, n: i32,
  b1: v128, r1: v128, b2: v128, rate: v128, inside: v128, outside: v128,
): void {
  const gradient = get(g, n);
  const mean = mix(b1, get(m, n), r1, gradient);
  const largest = f32x4.max(f32x4.mul(b2, get(u, n)), f32x4.add(f32x4.abs(gradient), inside));
  put(m, mean, n);
  put(u, largest, n);
  put(w, f32x4.sub(get(w, n), f32x4.div(f32x4.mul(rate, mean), f32x4.add(largest, outside))), n);
}

export function adamax(
  w: usize, g: usize, m: usize, u: usize, count: i32,
  beta1: f32, rest1: f32, beta2: f32, rate: f32, inside: f32, outside: f32,
): void {
  const b1 = f32x4.splat(beta1), r1 = f32x4.splat(rest1), b2 = f32x4.splat(beta2);
  const a = f32x4.splat(rate), ei = f32x4.splat(inside), eo = f32x4.splat(outside);
  const whole = wholeBytes(count);
  let i: usize = 0;
  for (; i < whole; i += 16) adamaxPart(w + i, g + i, m + i, u + i, 4, b1, r1, b2, a, ei, eo);
  const n = count & 3;
  if (n) adamaxPart(w + i, g + i, m + i, u + i, n, b1, r1, b2, a, ei, eo);
}

@inline
function nadamPart(
  w: usize, g: usize, m: usize, v: usize, n: i32,
  b1: v128, r1: v128, b2: v128, r2: v128, rateMean: v128, rateGradient: v128, scale: v128, epsilon: v128,
): void {
  const gradient = get(g, n);
  const mean = mix(b1, get(m, n), r1, gradient);
  const square = mix(b2, get(v, n), r2, f32x4.mul(gradient, gradient));
  put(m, mean, n);
  put(v, square, n);
  const ahead = mix(rateMean, mean, rateGradient, gradient);
  const step = f32x4.div(ahead, f32x4.add(f32x4.mul(f32x4.sqrt(square), scale), epsilon));
  put(w, f32x4.sub(get(w, n), step), n);
}

export function nadam(
  w: usize, g: usize, m: usize, v: usize, count: i32, beta1: f32, rest1: f32, beta2: f32, rest2: f32,
  rateMean: f32, rateGradient: f32, scale: f32, epsilon: f32,
): void {
  const b1 = f32x4.splat(beta1), r1 = f32x4.splat(rest1), b2 = f32x4.splat(beta2), r2 = f32x4.splat(rest2);
  const am = f32x4.splat(rateMean), ag = f32x4.splat(rateGradient);
  const s = f32x4.splat(scale), e = f32x4.splat(epsilon);
  const whole = wholeBytes(count);
  let i: usize = 0;
  for (; i < whole; i += 16) nadamPart(w + i, g + i, m + i, v + i, 4, b1, r1, b2, r2, am, ag, s, e);
  const n = count & 3;
  if (n) nadamPart(w + i, g + i, m + i, v + i, n, b1, r1, b2, r2, am, ag, s, e);
}

@inline
function lionPart(w: usize, g: usize, m: usize, n: i32, b1: v128, r1: v128, b2: v128, r2: v128, rate: v128): void {
  const gradient = get(g, n);
  const mean = get(m, n);
  const ahead = mix(b1, mean, r1, gradient);
  // What is no number stays so: else a diverging training would look like one that stands still.
  const sign = v128.bitselect(ahead, signs(ahead), f32x4.ne(ahead, ahead));
  put(w, f32x4.sub(get(w, n), f32x4.mul(rate, sign)), n);
  put(m, mix(b2, mean, r2, gradient), n);
}

export function lion(
  w: usize, g: usize, m: usize, count: i32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, rate: f32,
): void {
  const b1 = f32x4.splat(beta1), r1 = f32x4.splat(rest1), b2 = f32x4.splat(beta2), r2 = f32x4.splat(rest2);
  const a = f32x4.splat(rate);
  const whole = wholeBytes(count);
  let i: usize = 0;
  for (; i < whole; i += 16) lionPart(w + i, g + i, m + i, 4, b1, r1, b2, r2, a);
  const n = count & 3;
  if (n) lionPart(w + i, g + i, m + i, n, b1, r1, b2, r2, a);
}

/** LAMB's direction, before its length is known. */
@inline
function lambDirection(w: v128, mean: v128, square: v128, correction: v128, scale: v128, epsilon: v128, decay: v128): v128 {
  const adapted = f32x4.div(f32x4.mul(correction, mean), f32x4.add(f32x4.mul(f32x4.sqrt(square), scale), epsilon));
  return f32x4.add(adapted, f32x4.mul(decay, w));
}

@inline
function lambPart(
  w: usize, g: usize, m: usize, v: usize, n: i32, b1: v128, r1: v128, b2: v128, r2: v128,
  correction: v128, scale: v128, epsilon: v128, decay: v128, rate: v128,
): void {
  const gradient = get(g, n);
  const weight = get(w, n);
  const mean = mix(b1, get(m, n), r1, gradient);
  const square = mix(b2, get(v, n), r2, f32x4.mul(gradient, gradient));
  put(m, mean, n);
  put(v, square, n);
  const u = lambDirection(weight, mean, square, correction, scale, epsilon, decay);
  put(w, f32x4.sub(weight, f32x4.mul(rate, u)), n);
}

export function lamb(
  w: usize, g: usize, m: usize, v: usize, count: i32, beta1: f32, rest1: f32, beta2: f32, rest2: f32,
  correction: f32, scale: f32, epsilon: f32, decay: f32, rate: f32,
): void {
  const b1 = f32x4.splat(beta1), r1 = f32x4.splat(rest1), b2 = f32x4.splat(beta2), r2 = f32x4.splat(rest2);
  const c = f32x4.splat(correction), s = f32x4.splat(scale), e = f32x4.splat(epsilon);
  const d = f32x4.splat(decay), a = f32x4.splat(rate);
  const whole = wholeBytes(count);
  let i: usize = 0;
  for (; i < whole; i += 16) lambPart(w + i, g + i, m + i, v + i, 4, b1, r1, b2, r2, c, s, e, d, a);
  const n = count & 3;
  if (n) lambPart(w + i, g + i, m + i, v + i, n, b1, r1, b2, r2, c, s, e, d, a);
}

/** The direction of four lanes from clipped gradients; nothing is stored. */
@inline
function lambAhead(
  w: usize, g: usize, m: usize, v: usize, n: i32, b1: v128, r1: v128, b2: v128, r2: v128,
  correction: v128, scale: v128, epsilon: v128, decay: v128, shrink: v128, least: v128, most: v128,
): v128 {
  const gradient = f32x4.min(f32x4.max(f32x4.mul(shrink, get(g, n)), least), most);
  const mean = mix(b1, get(m, n), r1, gradient);
  const square = mix(b2, get(v, n), r2, f32x4.mul(gradient, gradient));
  return lambDirection(get(w, n), mean, square, correction, scale, epsilon, decay);
}

/** A lane set to zero where a part has fewer elements. */
@inline
function onlyFirst(lanes: v128, n: i32): v128 {
  return v128.and(lanes, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(n)));
}

export function lambSquares(
  w: usize, g: usize, m: usize, v: usize, count: i32, beta1: f32, rest1: f32, beta2: f32, rest2: f32,
  correction: f32, scale: f32, epsilon: f32, decay: f32, shrink: f32, limit: f32,
): f64 {
  const b1 = f32x4.splat(beta1), r1 = f32x4.splat(rest1), b2 = f32x4.splat(beta2), r2 = f32x4.splat(rest2);
  const c = f32x4.splat(correction), s = f32x4.splat(scale), e = f32x4.splat(epsilon), d = f32x4.splat(decay);
  const shrinking = f32x4.splat(shrink), least = f32x4.splat(-limit), most = f32x4.splat(limit);
  const whole = wholeBytes(count);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i: usize = 0;
  for (; i < whole; i += 16) {
    const u = lambAhead(w + i, g + i, m + i, v + i, 4, b1, r1, b2, r2, c, s, e, d, shrinking, least, most);
    low = f64x2.add(low, squareLow(u));
    high = f64x2.add(high, squareHigh(u));
  }
  const n = count & 3;
  if (n) {
    const u = onlyFirst(lambAhead(w + i, g + i, m + i, v + i, n, b1, r1, b2, r2, c, s, e, d, shrinking, least, most), n);
    low = f64x2.add(low, squareLow(u));
    high = f64x2.add(high, squareHigh(u));
  }
  return sumLanes(low, high);
}

/** Squares of the first two lanes: exact in float64. */
@inline
export function squareLow(x: v128): v128 {
  const wide = f64x2.promote_low_f32x4(x);
  return f64x2.mul(wide, wide);
}

/** Squares of the last two lanes. */
@inline
export function squareHigh(x: v128): v128 {
  return squareLow(v128.shuffle<i32>(x, x, 2, 3, 2, 3));
}

/** The four sums of a reduction in a fixed order. */
@inline
export function sumLanes(low: v128, high: v128): f64 {
  return (
    (f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1)) + (f64x2.extract_lane(high, 0) + f64x2.extract_lane(high, 1))
  );
}
