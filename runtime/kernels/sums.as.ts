// AssemblyScript. What is done to gradients before a step, sums of squares in a fixed order, and the factored means of
// Adafactor; what each computes is said in kernels.ts.

// @ts-nocheck

import { squareHigh, squareLow, sumLanes } from "./moments.as";
import { get, mix, put, signs, wholeBytes } from "./vector.as";

@inline
function clipPart(g: usize, n: i32, scale: v128, least: v128, most: v128): void {
  put(g, f32x4.min(f32x4.max(f32x4.mul(scale, get(g, n)), least), most), n);
}

export function clip(g: usize, count: i32, scale: f32, limit: f32): void {
  const s = f32x4.splat(scale), least = f32x4.splat(-limit), most = f32x4.splat(limit);
  const whole = wholeBytes(count);
  let i: usize = 0;
  for (; i < whole; i += 16) clipPart(g + i, 4, s, least, most);
  const n = count & 3;
  if (n) clipPart(g + i, n, s, least, most);
}

@inline
function penalisePart(g: usize, w: usize, n: i32, decay: v128, bySign: bool): void {
  const weight = get(w, n);
  put(g, f32x4.add(get(g, n), f32x4.mul(decay, bySign ? signs(weight) : weight)), n);
}

@inline
function penaliseLoop(g: usize, w: usize, count: i32, decay: f32, bySign: bool): void {
  const d = f32x4.splat(decay);
  const whole = wholeBytes(count);
  let i: usize = 0;
  for (; i < whole; i += 16) penalisePart(g + i, w + i, 4, d, bySign);
  const n = count & 3;
  if (n) penalisePart(g + i, w + i, n, d, bySign);
}

export function penalise(g: usize, w: usize, count: i32, decay: f32, bySign: i32): void {
  if (bySign) penaliseLoop(g, w, count, decay, true);
  else penaliseLoop(g, w, count, decay, false);
}

export function average(out: usize, values: usize, count: i32, momentum: f32, rest: f32): void {
  const m = f32x4.splat(momentum), r = f32x4.splat(rest);
  const whole = wholeBytes(count);
  let i: usize = 0;
  for (; i < whole; i += 16) put(out + i, mix(m, get(out + i, 4), r, get(values + i, 4)), 4);
  const n = count & 3;
  if (n) put(out + i, mix(m, get(out + i, n), r, get(values + i, n)), n);
}

@inline
function outsidePart(w: usize, g: usize, h: usize, n: i32, momentum: v128, kept: v128, rate: v128, nesterov: bool): void {
  const gradient = get(g, n);
  const next = mix(momentum, get(h, n), kept, gradient);
  put(h, next, n);
  const step = nesterov ? f32x4.add(gradient, f32x4.mul(momentum, next)) : next;
  put(w, f32x4.sub(get(w, n), f32x4.mul(rate, step)), n);
}

@inline
function outsideLoop(w: usize, g: usize, h: usize, count: i32, momentum: f32, kept: f32, rate: f32, nesterov: bool): void {
  const m = f32x4.splat(momentum), k = f32x4.splat(kept), a = f32x4.splat(rate);
  const whole = wholeBytes(count);
  let i: usize = 0;
  for (; i < whole; i += 16) outsidePart(w + i, g + i, h + i, 4, m, k, a, nesterov);
  const n = count & 3;
  if (n) outsidePart(w + i, g + i, h + i, n, m, k, a, nesterov);
}

export function momentumOutside(
  w: usize, g: usize, h: usize, count: i32, momentum: f32, kept: f32, rate: f32, nesterov: i32,
): void {
  if (nesterov) outsideLoop(w, g, h, count, momentum, kept, rate, true);
  else outsideLoop(w, g, h, count, momentum, kept, rate, false);
}

export function sumOfSquares(values: usize, count: i32): f64 {
  const whole = wholeBytes(count);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i: usize = 0;
  for (; i < whole; i += 16) {
    const x = v128.load(values + i);
    low = f64x2.add(low, squareLow(x));
    high = f64x2.add(high, squareHigh(x));
  }
  const n = count & 3;
  if (n) {
    const x = get(values + i, n);
    low = f64x2.add(low, squareLow(x));
    high = f64x2.add(high, squareHigh(x));
  }
  return sumLanes(low, high);
}

/** Sums of squares of up to four columns from `at` on, `stride` bytes from row to row; their running means to `c`. */
@inline
function columnsPart(at: usize, c: usize, n: i32, rows: i32, stride: usize, kept: v128, rest: v128, floor: f64): void {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let row = 0; row < rows; row++) {
    const x = get(at, n);
    low = f64x2.add(low, squareLow(x));
    high = f64x2.add(high, squareHigh(x));
    at += stride;
  }
  const by = f64x2.splat(<f64>rows);
  const added = f64x2.splat(floor);
  const first = f32x4.demote_f64x2_zero(f64x2.add(f64x2.div(low, by), added));
  const second = f32x4.demote_f64x2_zero(f64x2.add(f64x2.div(high, by), added));
  put(c, mix(kept, get(c, n), rest, v128.shuffle<i32>(first, second, 0, 1, 4, 5)), n);
}

/** Running means over the rows and columns of `matrices` matrices that follow one another. */
export function factoredMeans(
  g: usize, r: usize, c: usize, matrices: i32, rows: i32, columns: i32, kept: f32, rest: f32, floor: f64,
): void {
  const k = f32x4.splat(kept), s = f32x4.splat(rest);
  const stride = (<usize>columns) << 2;
  const whole = wholeBytes(columns);
  const n = columns & 3;
  for (let matrix = 0; matrix < matrices; matrix++) {
    let i: usize = 0;
    for (; i < whole; i += 16) columnsPart(g + i, c + i, 4, rows, stride, k, s, floor);
    if (n) columnsPart(g + i, c + i, n, rows, stride, k, s, floor);
    c += stride;
    for (let row = 0; row < rows; row++) {
      const mean = <f32>(sumOfSquares(g, columns) / <f64>columns + floor);
      store<f32>(r, kept * load<f32>(r) + rest * mean);
      r += 4;
      g += stride;
    }
  }
}

@inline
function dividePart(g: usize, c: usize, n: i32, row: v128): void {
  put(g, f32x4.div(get(g, n), f32x4.sqrt(f32x4.mul(row, get(c, n)))), n);
}

/** g ← g / √(row mean / mean of the row means · column mean). */
export function factoredDirection(g: usize, r: usize, c: usize, matrices: i32, rows: i32, columns: i32): void {
  const stride = (<usize>columns) << 2;
  const whole = wholeBytes(columns);
  const n = columns & 3;
  for (let matrix = 0; matrix < matrices; matrix++) {
    let sum: f64 = 0;
    for (let row = 0; row < rows; row++) sum += <f64>load<f32>(r + ((<usize>row) << 2));
    const mean = sum / <f64>rows;
    for (let row = 0; row < rows; row++) {
      const share = f32x4.splat(<f32>(<f64>load<f32>(r) / mean));
      let i: usize = 0;
      for (; i < whole; i += 16) dividePart(g + i, c + i, 4, share);
      if (n) dividePart(g + i, c + i, n, share);
      g += stride;
      r += 4;
    }
    c += stride;
  }
}
