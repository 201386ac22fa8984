import type { Key } from "./kernels.js";

/** Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011): rotations and parity of Threefry-2x32. */
const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const parity = 0x1bd11bda;

/** Threefry-2x32 with 20 rounds: two random words of a key and a counter, the same on every machine. */
export function threefry(key: Key, counter: Key): Key {
  const keys = [key[0] | 0, key[1] | 0, key[0] ^ key[1] ^ parity] as const;
  let x0 = (counter[0] + keys[0]) | 0;
  let x1 = (counter[1] + keys[1]) | 0;
  for (let round = 0; round < 20; round++) {
    const bits = rotations[round % 8] ?? 0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << bits) | (x1 >>> (32 - bits))) ^ x0;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x0 = (x0 + (keys[injection % 3] ?? 0)) | 0;
      x1 = (x1 + (keys[(injection + 1) % 3] ?? 0) + injection) | 0;
    }
  }
  return [x0 >>> 0, x1 >>> 0];
}

/** A key for each path of numbers (seed, epoch, …): different paths give unrelated streams. */
export function keyOf(seed: number, ...path: readonly number[]): Key {
  const root: Key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  return path.reduce<Key>((key, part) => threefry(key, [part >>> 0, 0]), root);
}
