// AssemblyScript. Up to four floats at an address: a loop takes four at a time and calls the same body once more with
// what is left, so that a formula is written once. Lanes beyond `count` are zero and are not stored.

// @ts-nocheck

/** The first `count` (1 to 4) floats at `at`. */
@inline
export function get(at: usize, count: i32): v128 {
  if (count == 4) return v128.load(at);
  if (count == 1) return v128.load32_zero(at);
  if (count == 2) return v128.load64_zero(at);
  return v128.load_lane<f32>(at, v128.load64_zero(at), 2, 8);
}

/** Stores the first `count` (1 to 4) lanes at `at`. */
@inline
export function put(at: usize, lanes: v128, count: i32): void {
  if (count == 4) {
    v128.store(at, lanes);
  } else if (count == 1) {
    v128.store_lane<f32>(at, lanes, 0);
  } else {
    v128.store_lane<f64>(at, lanes, 0);
    if (count == 3) v128.store_lane<f32>(at, lanes, 2, 8);
  }
}

/** Bytes of the floats that whole vectors hold. */
@inline
export function wholeBytes(count: i32): usize {
  return (<usize>(count & ~3)) << 2;
}

/** The sign of each lane: −1, 0 or 1. */
@inline
export function signs(x: v128): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  return f32x4.sub(v128.and(f32x4.gt(x, zero), one), v128.and(f32x4.lt(x, zero), one));
}

/** kept · old + rest · new: a running mean. */
@inline
export function mix(kept: v128, old: v128, rest: v128, next: v128): v128 {
  return f32x4.add(f32x4.mul(kept, old), f32x4.mul(rest, next));
}
