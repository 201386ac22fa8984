const { fround } = Math;

/** Indices stay inside by construction; the fallback only satisfies the type. */
export function at(values: Float32Array, index: number): number {
  return values[index] ?? 0;
}

/** kept · old + (1 − kept) · next, each step rounded to float32: a running mean. */
export function mix(kept: number, old: number, next: number): number {
  return fround(fround(fround(kept) * old) + fround(fround(1 - kept) * next));
}

/** √x rounded to float32. */
export const root = (x: number): number => fround(Math.sqrt(x));

/** Σ value(i)², in the order of the lanes of the SIMD kernel: four sums, joined as (0 + 1) + (2 + 3). */
export function squares(count: number, value: (i: number) => number): number {
  const sums: [number, number, number, number] = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) sums[(i & 3) as 0 | 1 | 2 | 3] += value(i) ** 2;
  return sums[0] + sums[1] + (sums[2] + sums[3]);
}
