/**
 * Reproducible random numbers: xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators",
 * 2018), its state filled by SplitMix32. A stream is named by a seed and labels, so that what one part of a program
 * draws never depends on how much another part has drawn.
 */
export interface Random {
  /** A whole number in [0, 2³²). */
  bits(): number;
  /** Writes as many of the next `bits()` as the list is long: several times as fast as one by one. */
  fill(target: Uint32Array): void;
  /** Uniform in [0, 1), a multiple of 2⁻³². */
  uniform(): number;
  /** Normal with mean 0 and standard deviation 1 (Marsaglia's polar method). */
  normal(): number;
  /** A whole number in [0, bound), each equally likely; `bound` from 1 to 2³². */
  int(bound: number): number;
  /** The numbers 0 … length − 1 in random order (Fisher and Yates). */
  permutation(length: number): Uint32Array<ArrayBuffer>;
}

/** SplitMix32: one step of a 32-bit counter, scrambled (the finalizer of MurmurHash3). */
function splitMix(counter: number): number {
  let z = (counter + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}

/** FNV-1a over the UTF-16 units of a label, ended so that ("ab", "c") and ("a", "bc") differ. */
function hashLabel(hash: number, label: string): number {
  let h = hash;
  for (let i = 0; i < label.length; i += 1) {
    h = Math.imul(h ^ label.charCodeAt(i), 0x01000193);
  }
  return splitMix(h ^ label.length);
}

/** The four state words of a stream. Seeds are whole numbers up to 2⁵³; both halves count. */
function seedState(seed: number, labels: readonly (string | number)[]): Uint32Array {
  const low = seed >>> 0;
  const high = Math.floor(seed / 2 ** 32) | 0;
  const state = new Uint32Array(4);
  for (let word = 0; word < 4; word += 1) {
    let h = splitMix(splitMix(low ^ splitMix(word + 1)) ^ high);
    for (const label of labels) h = hashLabel(h, String(label));
    state[word] = h;
  }
  // The all-zero state is the one fixed point of the generator.
  if (state.every((word) => word === 0)) state[0] = 1;
  return state;
}

/** The generator itself, from four state words that are not all zero: 32 bits a call, or a list at once. */
export function xoshiro128(words: ArrayLike<number>): Pick<Random, "bits" | "fill"> {
  const state = Int32Array.from({ length: 4 }, (_, word) => words[word] ?? 0);
  const one = new Uint32Array(1);

  function fill(target: Uint32Array): void {
    let [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = state;
    for (let i = 0; i < target.length; i += 1) {
      const scaled = Math.imul(s1, 5);
      target[i] = Math.imul((scaled << 7) | (scaled >>> 25), 9);
      const shifted = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= shifted;
      s3 = (s3 << 11) | (s3 >>> 21);
    }
    state[0] = s0;
    state[1] = s1;
    state[2] = s2;
    state[3] = s3;
  }

  function bits(): number {
    fill(one);
    return one[0] ?? 0;
  }

  return { bits, fill };
}

/**
 * Marsaglia's polar method: what makes two normal numbers of a point (x, y) in the unit disc, x² + y² = `square`; 0 for a
 * point outside it, which is drawn again.
 */
export function polarScale(square: number): number {
  return square === 0 || square >= 1 ? 0 : Math.sqrt((-2 * Math.log(square)) / square);
}

/** Normal numbers from uniform ones, two at a time. */
function polarNormal(uniform: () => number): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const scale = polarScale(x * x + y * y);
      if (scale === 0) continue;
      spare = y * scale;
      return x * scale;
    }
  };
}

/**
 * A stream of random numbers.
 *
 * @param seed a whole number from 0 to 2⁵³ − 1
 * @param labels what the stream is for, for example `"dropout", worker, step`
 */
export function random(seed: number, ...labels: readonly (string | number)[]): Random {
  const { bits, fill } = xoshiro128(seedState(seed, labels));
  const uniform = (): number => bits() / 2 ** 32;
  const normal = polarNormal(uniform);

  // Rejecting the last, incomplete run of the 32-bit range keeps every number equally likely.
  function int(bound: number): number {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const drawn = bits();
      if (drawn < limit) return drawn % bound;
    }
  }

  function permutation(length: number): Uint32Array<ArrayBuffer> {
    const order = new Uint32Array(length);
    for (let i = 0; i < length; i += 1) {
      const j = int(i + 1);
      order[i] = order[j] ?? 0;
      order[j] = i;
    }
    return order;
  }

  return { bits, fill, uniform, normal, int, permutation };
}
