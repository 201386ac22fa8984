/** Numbers that fixtures/torch/hashed.py computes alike, so that recorded files need not hold them. */
export function hashedBits(count: number, salt: number): Uint32Array {
  const offset = Math.imul(salt, 40503) + 1;
  return Uint32Array.from({ length: count }, (_, index) => {
    let h = (Math.imul(index, 2654435761) + offset) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
    h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
    return h ^ (h >>> 16);
  });
}

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** float32 in [low, high); default [−1, 1). */
export function hashedUniform(count: number, salt: number, { low, high }: Range = { low: -1, high: 1 }): Float32Array {
  return Float32Array.from(hashedBits(count, salt), (bits) => low + (high - low) * ((bits >>> 8) / 2 ** 24));
}

/** int32 in [0, classes). */
export function hashedClasses(count: number, classes: number, salt: number): Int32Array {
  return Int32Array.from(hashedBits(count, salt), (bits) => bits % classes);
}
