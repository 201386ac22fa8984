// AssemblyScript. Optimizers that divide by the root of accumulated squares; what each computes is said in kernels.ts.

// @ts-nocheck

import { get, mix, put, wholeBytes } from "./vector.as";

@inline
function adagradPart(w: usize, g: usize, a: usize, n: i32, rate: v128, inside: v128, outside: v128): void {
  const gradient = get(g, n);
  const sum = f32x4.add(get(a, n), f32x4.mul(gradient, gradient));
  put(a, sum, n);
  const divisor = f32x4.add(f32x4.sqrt(f32x4.add(sum, inside)), outside);
  put(w, f32x4.sub(get(w, n), f32x4.div(f32x4.mul(rate, gradient), divisor)), n);
}

export function adagrad(w: usize, g: usize, a: usize, count: i32, rate: f32, inside: f32, outside: f32): void {
  const r = f32x4.splat(rate), ei = f32x4.splat(inside), eo = f32x4.splat(outside);
  const whole = wholeBytes(count);
  let i: usize = 0;
  for (; i < whole; i += 16) adagradPart(w + i, g + i, a + i, 4, r, ei, eo);
  const n = count & 3;
  if (n) adagradPart(w + i, g + i, a + i, n, r, ei, eo);
}

@inline
function rmspropPart(g: usize, v: usize, n: i32, rho: v128, rest: v128, inside: v128, outside: v128): void {
  const gradient = get(g, n);
  const square = mix(rho, get(v, n), rest, f32x4.mul(gradient, gradient));
  put(v, square, n);
  put(g, f32x4.div(gradient, f32x4.add(f32x4.sqrt(f32x4.add(square, inside)), outside)), n);
}

export function rmsprop(g: usize, v: usize, count: i32, rho: f32, rest: f32, inside: f32, outside: f32): void {
  const p = f32x4.splat(rho), r = f32x4.splat(rest), ei = f32x4.splat(inside), eo = f32x4.splat(outside);
  const whole = wholeBytes(count);
  let i: usize = 0;
  for (; i < whole; i += 16) rmspropPart(g + i, v + i, 4, p, r, ei, eo);
  const n = count & 3;
  if (n) rmspropPart(g + i, v + i, n, p, r, ei, eo);
}

@inline
function centredPart(g: usize, v: usize, m: usize, n: i32, rho: v128, rest: v128, inside: v128, outside: v128): void {
  const gradient = get(g, n);
  const square = mix(rho, get(v, n), rest, f32x4.mul(gradient, gradient));
  const mean = mix(rho, get(m, n), rest, gradient);
  put(v, square, n);
  put(m, mean, n);
  // Rounding may bring a variance of zero below it.
  const variance = f32x4.max(f32x4.sub(square, f32x4.mul(mean, mean)), f32x4.splat(0));
  put(g, f32x4.div(gradient, f32x4.add(f32x4.sqrt(f32x4.add(variance, inside)), outside)), n);
}

export function rmspropCentered(
  g: usize, v: usize, m: usize, count: i32, rho: f32, rest: f32, inside: f32, outside: f32,
): void {
  const p = f32x4.splat(rho), r = f32x4.splat(rest), ei = f32x4.splat(inside), eo = f32x4.splat(outside);
  const whole = wholeBytes(count);
  let i: usize = 0;
  for (; i < whole; i += 16) centredPart(g + i, v + i, m + i, 4, p, r, ei, eo);
  const n = count & 3;
  if (n) centredPart(g + i, v + i, m + i, n, p, r, ei, eo);
}

@inline
function adadeltaPart(w: usize, g: usize, a: usize, d: usize, n: i32, rho: v128, rest: v128, epsilon: v128, rate: v128): void {
  const gradient = get(g, n);
  const square = mix(rho, get(a, n), rest, f32x4.mul(gradient, gradient));
  const steps = get(d, n);
  const top = f32x4.sqrt(f32x4.add(steps, epsilon));
  const step = f32x4.mul(f32x4.div(top, f32x4.sqrt(f32x4.add(square, epsilon))), gradient);
  put(a, square, n);
  put(d, mix(rho, steps, rest, f32x4.mul(step, step)), n);
  put(w, f32x4.sub(get(w, n), f32x4.mul(rate, step)), n);
}

export function adadelta(
  w: usize, g: usize, a: usize, d: usize, count: i32, rho: f32, rest: f32, epsilon: f32, rate: f32,
): void {
  const p = f32x4.splat(rho), r = f32x4.splat(rest), e = f32x4.splat(epsilon), lr = f32x4.splat(rate);
  const whole = wholeBytes(count);
  let i: usize = 0;
  for (; i < whole; i += 16) adadeltaPart(w + i, g + i, a + i, d + i, 4, p, r, e, lr);
  const n = count & 3;
  if (n) adadeltaPart(w + i, g + i, a + i, d + i, n, p, r, e, lr);
}

@inline
function ftrlPart(
  w: usize, g: usize, a: usize, z: usize, n: i32, rate: v128, l1: v128, least: v128, l2: v128, shrinkage: v128,
): void {
  const gradient = get(g, n);
  const weight = get(w, n);
  const sum = get(a, n);
  const next = f32x4.add(sum, f32x4.mul(gradient, gradient));
  const root = f32x4.sqrt(next);
  const shrunk = f32x4.add(gradient, f32x4.mul(shrinkage, weight));
  const pull = f32x4.mul(f32x4.div(f32x4.sub(root, f32x4.sqrt(sum)), rate), weight);
  const linear = f32x4.add(get(z, n), f32x4.sub(shrunk, pull));
  put(a, next, n);
  put(z, linear, n);
  const clipped = f32x4.min(f32x4.max(linear, least), l1);
  put(w, f32x4.div(f32x4.sub(clipped, linear), f32x4.add(f32x4.div(root, rate), l2)), n);
}

export function ftrl(
  w: usize, g: usize, a: usize, z: usize, count: i32, rate: f32, l1: f32, l2: f32, shrinkage: f32,
): void {
  const r = f32x4.splat(rate), most = f32x4.splat(l1), least = f32x4.splat(-l1);
  const two = f32x4.splat(l2), s = f32x4.splat(shrinkage);
  const whole = wholeBytes(count);
  let i: usize = 0;
  for (; i < whole; i += 16) ftrlPart(w + i, g + i, a + i, z + i, 4, r, most, least, two, s);
  const n = count & 3;
  if (n) ftrlPart(w + i, g + i, a + i, z + i, n, r, most, least, two, s);
}
