// AssemblyScript (not TypeScript): compiled by scripts/build.mjs to dist/kernels.wasm.
// Element-wise float32 loops over one shared memory. Arguments are byte addresses and element counts; addresses are
// multiples of 4. Every sum and product is rounded to float32 in the order in which reference.ts writes it, so both give
// the same bits.

// @ts-nocheck

export { adam, adamax, amsgrad, lamb, lambSquares, lion, nadam } from "./moments.as";
export { adadelta, adagrad, ftrl, rmsprop, rmspropCentered } from "./adaptive.as";
export { average, clip, factoredDirection, factoredMeans, momentumOutside, penalise, sumOfSquares } from "./sums.as";

@inline const NONE: i32 = 0;
@inline const L2: i32 = 1;
@inline const L1: i32 = 2;

/** out = weight · values */
export function scale(out: usize, values: usize, count: i32, weight: f32): void {
  const w = f32x4.splat(weight);
  const vectors = out + ((<usize>(count & ~3)) << 2);
  const end = out + ((<usize>count) << 2);
  while (out < vectors) {
    v128.store(out, f32x4.mul(w, v128.load(values)));
    out += 16;
    values += 16;
  }
  while (out < end) {
    store<f32>(out, weight * load<f32>(values));
    out += 4;
    values += 4;
  }
}

/** out = out + weight · values */
export function accumulate(out: usize, values: usize, count: i32, weight: f32): void {
  const w = f32x4.splat(weight);
  const vectors = out + ((<usize>(count & ~3)) << 2);
  const end = out + ((<usize>count) << 2);
  while (out < vectors) {
    v128.store(out, f32x4.add(v128.load(out), f32x4.mul(w, v128.load(values))));
    out += 16;
    values += 16;
  }
  while (out < end) {
    store<f32>(out, load<f32>(out) + weight * load<f32>(values));
    out += 4;
    values += 4;
  }
}

/** w = w − rate · (g + decay · r(w)), where r is 0, w or sign(w). */
export function sgd(w: usize, g: usize, count: i32, rate: f32, decay: f32, penalty: i32): void {
  if (penalty == NONE) plain(w, g, count, rate, decay, NONE);
  else if (penalty == L2) plain(w, g, count, rate, decay, L2);
  else plain(w, g, count, rate, decay, L1);
}

/** h' = momentum · h + rate · (g + decay · r(w)); w = w − u with u = h', or (1 + momentum) · h' − momentum · h. */
export function sgdMomentum(
  w: usize, g: usize, h: usize, count: i32, rate: f32, decay: f32, penalty: i32, momentum: f32, nesterov: i32,
): void {
  if (nesterov) {
    if (penalty == NONE) withMomentum(w, g, h, count, rate, decay, NONE, momentum, true);
    else if (penalty == L2) withMomentum(w, g, h, count, rate, decay, L2, momentum, true);
    else withMomentum(w, g, h, count, rate, decay, L1, momentum, true);
  } else {
    if (penalty == NONE) withMomentum(w, g, h, count, rate, decay, NONE, momentum, false);
    else if (penalty == L2) withMomentum(w, g, h, count, rate, decay, L2, momentum, false);
    else withMomentum(w, g, h, count, rate, decay, L1, momentum, false);
  }
}

/**
 * Fills `count` floats with `kept` where a random word is less than `threshold`, else 0. The words are Threefry-2x32-20
 * of the counters (stream, 0), (stream, 1), …: eight elements take four counters, first words first.
 */
export function mask(out: usize, count: i32, key0: i32, key1: i32, stream: i32, threshold: i32, kept: f32): void {
  const k0 = i32x4.splat(key0);
  const k1 = i32x4.splat(key1);
  const k2 = i32x4.splat(key0 ^ key1 ^ 0x1bd11bda);
  const limit = i32x4.splat(threshold);
  const value = f32x4.splat(kept);
  let counter = i32x4(0, 1, 2, 3);
  for (let done = 0; done < count; done += 8) {
    let x0 = i32x4.add(i32x4.splat(stream), k0);
    let x1 = i32x4.add(counter, k1);
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 13), x0);
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 15), x0);
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 26), x0);
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 6), x0);
    x0 = i32x4.add(x0, k1); x1 = i32x4.add(x1, i32x4.add(k2, i32x4.splat(1)));
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 17), x0);
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 29), x0);
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 16), x0);
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 24), x0);
    x0 = i32x4.add(x0, k2); x1 = i32x4.add(x1, i32x4.add(k0, i32x4.splat(2)));
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 13), x0);
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 15), x0);
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 26), x0);
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 6), x0);
    x0 = i32x4.add(x0, k0); x1 = i32x4.add(x1, i32x4.add(k1, i32x4.splat(3)));
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 17), x0);
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 29), x0);
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 16), x0);
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 24), x0);
    x0 = i32x4.add(x0, k1); x1 = i32x4.add(x1, i32x4.add(k2, i32x4.splat(4)));
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 13), x0);
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 15), x0);
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 26), x0);
    x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 6), x0);
    x0 = i32x4.add(x0, k2); x1 = i32x4.add(x1, i32x4.add(k0, i32x4.splat(5)));
    const first = v128.and(i32x4.lt_u(x0, limit), value);
    const second = v128.and(i32x4.lt_u(x1, limit), value);
    if (done + 8 <= count) {
      v128.store(out, first);
      v128.store(out, second, 16);
      out += 32;
    } else {
      tail(out, count - done, first, second);
    }
    counter = i32x4.add(counter, i32x4.splat(4));
  }
}

@inline
function rotate(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits));
}

/** Stores the first `count` (1 to 7) of eight lanes. */
function tail(out: usize, count: i32, first: v128, second: v128): void {
  store<f32>(out, f32x4.extract_lane(first, 0));
  if (count > 1) store<f32>(out, f32x4.extract_lane(first, 1), 4);
  if (count > 2) store<f32>(out, f32x4.extract_lane(first, 2), 8);
  if (count > 3) store<f32>(out, f32x4.extract_lane(first, 3), 12);
  if (count > 4) store<f32>(out, f32x4.extract_lane(second, 0), 16);
  if (count > 5) store<f32>(out, f32x4.extract_lane(second, 1), 20);
  if (count > 6) store<f32>(out, f32x4.extract_lane(second, 2), 24);
}

@inline
function penalise(g: v128, w: v128, decay: v128, penalty: i32): v128 {
  if (penalty == NONE) return g;
  if (penalty == L2) return f32x4.add(g, f32x4.mul(decay, w));
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const sign = f32x4.sub(v128.and(f32x4.gt(w, zero), one), v128.and(f32x4.lt(w, zero), one));
  return f32x4.add(g, f32x4.mul(decay, sign));
}

@inline
function penaliseOne(g: f32, w: f32, decay: f32, penalty: i32): f32 {
  if (penalty == NONE) return g;
  if (penalty == L2) return g + decay * w;
  return g + decay * (<f32>(w > 0) - <f32>(w < 0));
}

@inline
function plain(w: usize, g: usize, count: i32, rate: f32, decay: f32, penalty: i32): void {
  const a = f32x4.splat(rate);
  const d = f32x4.splat(decay);
  const vectors = w + ((<usize>(count & ~3)) << 2);
  const end = w + ((<usize>count) << 2);
  while (w < vectors) {
    const x = v128.load(w);
    v128.store(w, f32x4.sub(x, f32x4.mul(a, penalise(v128.load(g), x, d, penalty))));
    w += 16;
    g += 16;
  }
  while (w < end) {
    const x = load<f32>(w);
    store<f32>(w, x - rate * penaliseOne(load<f32>(g), x, decay, penalty));
    w += 4;
    g += 4;
  }
}

@inline
function withMomentum(
  w: usize, g: usize, h: usize, count: i32, rate: f32, decay: f32, penalty: i32, momentum: f32, nesterov: bool,
): void {
  const a = f32x4.splat(rate);
  const d = f32x4.splat(decay);
  const m = f32x4.splat(momentum);
  const m1: f32 = 1 + momentum;
  const mPlusOne = f32x4.splat(m1);
  const vectors = w + ((<usize>(count & ~3)) << 2);
  const end = w + ((<usize>count) << 2);
  while (w < vectors) {
    const x = v128.load(w);
    const kept = f32x4.mul(m, v128.load(h));
    const next = f32x4.add(kept, f32x4.mul(a, penalise(v128.load(g), x, d, penalty)));
    v128.store(h, next);
    v128.store(w, f32x4.sub(x, nesterov ? f32x4.sub(f32x4.mul(mPlusOne, next), kept) : next));
    w += 16;
    g += 16;
    h += 16;
  }
  while (w < end) {
    const x = load<f32>(w);
    const kept: f32 = momentum * load<f32>(h);
    const next: f32 = kept + rate * penaliseOne(load<f32>(g), x, decay, penalty);
    store<f32>(h, next);
    store<f32>(w, x - (nesterov ? m1 * next - kept : next));
    w += 4;
    g += 4;
    h += 4;
  }
}
